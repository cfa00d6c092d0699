"""Smart methods compared: what each makes of the same weights, and the error of the layer's outputs."""

from __future__ import annotations

import textwrap

from qtui.compute.quantizer.smart import MethodResult, Smart
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, fitted, line
from qtui.draw.picture import width as row_width
from qtui.draw.quantizer.parts import bits_text, percent, short
from qtui.scenario.quantizer.result import QuantizerResult

BAR, LEAST_BAR = 14, 4  # cells of a bar: where there is room, and where there is little


def picture(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """A row for each method, the output error as a bar, then a sentence on each."""
    smart = result.smart
    assert smart is not None
    worst = max((row.fresh_error for row in smart.table), default=0.0) or 1.0
    head: list[Span | str] = [
        (text, "dim") for text in ("", "bits/w", "RMSE", "", "output error %", "fitted %", "int8 in %")
    ]
    align, spare = "l..l...", (2, 5, 6, 3)

    def table(bar: int) -> list[list[Span | str]]:
        return [head, *(_method_row(row, worst, bar, smart, glyphs) for row in smart.table)]

    left = width - max(map(row_width, fitted(table(LEAST_BAR), align, width, spare)))
    about = (
        f"{smart.rows} {glyphs.times} {smart.columns} weights as a layer, {smart.bits} bits, groups of {smart.group}"
    )
    sentences: list[Line] = []
    for row in smart.table:
        first, *rest = textwrap.wrap(f"{row.title}: {row.note}.", max(width, 20), subsequent_indent="  ")
        sentences.append(line((row.title, "strong"), (first[len(row.title) :], "dim")))
        sentences += [line((more, "dim")) for more in rest]
    inputs = "Inputs are synthetic; fitted %: those that methods were fitted to; int8 in %: inputs are rounded, too."
    return (
        line((about, "strong")),
        *fitted(table(min(BAR, LEAST_BAR + max(left, 0))), align, width, spare),
        (),
        *sentences,
        *(line((text, "dim")) for text in textwrap.wrap(inputs, max(width, 20))),
    )


def sentence(result: QuantizerResult) -> str:
    """What there is to see, and why."""
    smart = result.smart
    assert smart is not None
    plain, best = smart.table[0], smart.best
    if best.fresh_error > 0.95 * plain.fresh_error:
        return "Nothing beats plain rounding here: no method brings the layer's outputs clearly closer."
    errors = (
        f"the layer's outputs are {percent(best.fresh_error)} off, with plain rounding {percent(plain.fresh_error)}"
    )
    more = f"it takes {bits_text(best.bits)} bits, not {bits_text(plain.bits)}"
    return f"{best.title}: {errors}; {more if best.bits > plain.bits else 'both take the same bits'}."


def _method_row(row: MethodResult, worst: float, bar_cells: int, smart: Smart, glyphs: Glyphs) -> list[Span | str]:
    role = _against(row.fresh_error, smart.table[0].fresh_error)
    cells = round(bar_cells * row.fresh_error / worst)
    bar = glyphs.shades[-1] * cells + glyphs.shades[0] * (bar_cells - cells)
    return [
        (row.title, "label"),
        bits_text(row.bits),
        short(row.stats.rmse),
        (bar, role),
        (percent(row.fresh_error).removesuffix(" %"), role),
        (percent(row.output_error).removesuffix(" %"), "dim"),
        (percent(row.int8_error).removesuffix(" %"), _against(row.int8_error, smart.table[0].int8_error)),
    ]


def _against(error: float, plain: float) -> str:
    """The role of an error beside that of plain rounding."""
    return "good" if error < 0.95 * plain else "bad" if error > 1.05 * plain else ""
