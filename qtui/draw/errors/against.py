"""What a file lost against its original: the total, then a line a tensor, then what was not compared."""

from __future__ import annotations

import math

from qtui.compute.errors.survey import Total
from qtui.draw.errors.heat import shade
from qtui.draw.errors.table import decibels, total_quality
from qtui.draw.frame import sentence
from qtui.draw.glyphs import Glyphs
from qtui.draw.inspect import notes, shape_text, shortened, shortened_name
from qtui.draw.picture import Line, Picture, Span, columns, crop, line
from qtui.draw.picture import width as row_width
from qtui.draw.safe import cell_count, safe
from qtui.draw.ticks import significant
from qtui.draw.units import short_count
from qtui.scenario.errors.against.result import AgainstResult, ComparedPair, UnmatchedTensor

NAME = 32  # cells of a tensor's name in the sentence
DAMAGED = 3  # tensors with weights that are not finite that are named
LISTED = 6  # of the tensors that were not compared
LEAST_BAR = 22  # cells of a bar and its heading
LEAST_NAME = 20  # cells of a tensor's name, for which the last column makes room
HEADS = ("type", "was", "weights", "SQNR dB", "RMSE", "max |e|")


def against_report(result: AgainstResult, width: int, glyphs: Glyphs) -> Picture:
    """The two files, what all of it lost, and each tensor; as wide as `width`."""
    total = result.total
    tensors = f"{total.tensors:,} tensor{'s' * (total.tensors != 1)}"
    rows: list[Line] = [
        line((_lost(total), "strong"), f" at {total.bits_per_weight:.3g} bits a weight"),
        line((shortened(result.title, width, glyphs), "strong")),
        line("against ", (shortened(result.reference_title, width - 8, glyphs), "strong")),
        line(f"{tensors} that llama-quantize quantizes, {short_count(total.count)} weights"),
        *_how_much(result),
        *sentence(against_sentence(result, glyphs), width, 3),
        line(),
    ]
    rows += _table(result, width, glyphs)
    if result.unmatched:
        rows += [
            line(),
            line((f"not compared: {len(result.unmatched):,} tensor{'s' * (len(result.unmatched) != 1)}", "strong")),
        ]
        rows += notes([_left_over(tensor) for tensor in result.unmatched[:LISTED]], width)
        if len(result.unmatched) > LISTED:
            rows.append(line((f"and {len(result.unmatched) - LISTED:,} more", "dim")))
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*rows, line()))


def _lost(total: Total) -> str:
    """ "signal 21.3 dB above the error"; two files may be one and the same."""
    text = total_quality(total)
    return f"signal {text} dB above the error" if text[-1:].isdigit() else text


def _how_much(result: AgainstResult) -> list[Line]:
    whole = (f"all {result.count:,} weights compared", "good")
    part = (f"{result.measured:,} of {result.count:,} weights compared (--exact takes all)", "warn")
    rows = [line(whole if result.measured == result.count else part)]
    if result.turned:
        rows.append(line((f"rows of {result.turned:,} query and key tensors brought into llama.cpp's order", "dim")))
    damaged = [pair for pair in result.pairs if pair.measure.damage]
    rows += [line((f"{pair.name} has {pair.measure.damage}", "bad")) for pair in damaged[:DAMAGED]]
    return rows


def against_sentence(result: AgainstResult, glyphs: Glyphs) -> str:
    """What to see: which tensors lost most."""
    if not result.worst:
        return "No weight differs: one file is as good as the other."
    named = [
        f"{shortened_name(pair.name, NAME, glyphs)} {decibels(pair.measure.sqnr_db)} dB" for pair in result.worst
    ]
    return f"Most was lost in {', '.join(named)}."


def _table(result: AgainstResult, width: int, glyphs: Glyphs) -> Picture:
    cells = [_cells(pair) for pair in result.pairs]
    widths = [max(cell_count(head), *(cell_count(row[i]) for row in cells)) + 2 for i, head in enumerate(HEADS)]
    kept = len(HEADS) if sum(widths) + LEAST_NAME <= width else len(HEADS) - 1
    rest = sum(widths[:kept])
    shapes = [shape_text(pair.shape, glyphs) for pair in result.pairs]
    wide = max(cell_count(safe(pair.name)) for pair in result.pairs) + max(map(cell_count, shapes)) + 2
    shaped = wide + rest <= width
    room = max(width - rest - (max(map(cell_count, shapes)) + 2 if shaped else 0), 12)
    table: list[list[Span | str]] = [[("tensor", "strong"), *((("shape", "strong"),) if shaped else ())]]
    table[0] += [(head, "strong") for head in HEADS[:kept]]
    for pair, shape, row in zip(result.pairs, shapes, cells, strict=True):
        role = "" if pair.counted else "dim"
        named: list[Span | str] = [(shortened_name(pair.name, room, glyphs), role)]
        table.append([*named, *([shape] if shaped else []), *((text, role) for text in row[:kept])])
    return _with_bars(columns(table, ("ll" if shaped else "l") + "llr..."[:kept]), result, width, glyphs)


def _with_bars(table: Picture, result: AgainstResult, width: int, glyphs: Glyphs) -> Picture:
    """The table and, where it leaves room, the signal over the error of each counted tensor as a bar."""
    used = max(map(row_width, table)) + 2
    finite = [pair.measure.sqnr_db for pair in result.pairs if math.isfinite(pair.measure.sqnr_db)]
    room, most = width - used, max(finite, default=0.0)
    if room < LEAST_BAR or most <= 0:
        return table
    drawn = [line(*table[0], " " * (used - row_width(table[0])), ("signal over error, dB", "dim"))]
    for row, pair in zip(table[1:], result.pairs, strict=True):
        decibels = min(pair.measure.sqnr_db, most)
        known = pair.counted and pair.measure.count and not math.isnan(decibels)
        cells = round(room * max(decibels, 0.0) / most) if known else 0
        role = shade(decibels, glyphs)[1] or "series1"
        drawn.append(line(*row, " " * (used - row_width(row)), (glyphs.shades[-1] * cells, role)))
    return tuple(drawn)


def _cells(pair: ComparedPair) -> list[str]:
    measure = pair.measure
    figures = ("-", "-", "-")
    if measure.count:
        figures = (decibels(measure.sqnr_db), significant(measure.rmse), significant(measure.max_abs_error))
    return [measure.format, pair.reference_format, short_count(pair.count), *figures]


def _left_over(tensor: UnmatchedTensor) -> str:
    where = "reference: " if tensor.in_reference else ""
    return f"{where}{safe(tensor.name)}: {tensor.why}"
