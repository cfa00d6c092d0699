"""Smart methods beside plain rounding: what each stores, and how far weights and outputs are off."""

from __future__ import annotations

import textwrap

from qtui.compute.quantizer.smart import MethodResult, Smart
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, fitted, line
from qtui.draw.quantizer.parts import percent, short

BAR = 14


def smart_table(found: Smart, width: int, glyphs: Glyphs) -> Picture:
    """A row for each method, the output error as a bar, then a sentence on each."""
    worst = max((row.output_error for row in found.table), default=0.0) or 1.0
    head: list[Span | str] = [(text, "dim") for text in ("", "bits/w", "RMSE", "", "output error")]
    rows = [head] + [_row(row, worst, found, glyphs) for row in found.table]
    about = (
        f"{found.rows} {glyphs.times} {found.columns} weights as a layer, {found.bits} bits, groups of {found.group}"
    )
    sentences: list[Line] = []
    for row in found.table:
        first, *rest = textwrap.wrap(f"{row.title}: {row.note}.", max(width, 20), subsequent_indent="  ")
        sentences.append(line((row.title, "strong"), (first[len(row.title) :], "dim")))
        sentences += [line((more, "dim")) for more in rest]
    inputs = "The inputs are synthetic, from a seed. GPTQ and AWQ mind outputs, not weights."
    return (
        line((about, "strong")),
        (),
        *fitted(rows, "lrrlr", width, (3,)),
        (),
        *sentences,
        (),
        line((inputs, "dim")),
    )


def _row(row: MethodResult, worst: float, found: Smart, glyphs: Glyphs) -> list[Span | str]:
    plain = found.table[0].output_error
    role = "good" if row.output_error < 0.95 * plain else "bad" if row.output_error > 1.05 * plain else ""
    cells = round(BAR * row.output_error / worst)
    bar = glyphs.shades[-1] * cells + glyphs.shades[0] * (BAR - cells)
    return [
        (row.title, "label"),
        f"{row.bits:.4g}",
        short(row.stats.rmse),
        (bar, role),
        (percent(row.output_error), role),
    ]
