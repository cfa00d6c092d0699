"""What `qtui errors` prints: the histogram, the figures of each format, and for a file a line a tensor."""

from __future__ import annotations

from qtui.compute.errors.overlay import overlay
from qtui.compute.errors.survey import Total
from qtui.draw.errors.table import decibels, format_table
from qtui.draw.errors.views import (
    block_title,
    format_rows,
    outliers,
    plot,
    sampled_line,
    value_facts,
    value_histogram,
    worst_blocks,
)
from qtui.draw.glyphs import Glyphs
from qtui.draw.histogram import plot_cells
from qtui.draw.inspect import shape_text, shortened_name
from qtui.draw.picture import Line, Picture, Span, columns, crop, line
from qtui.draw.safe import cell_count, safe
from qtui.draw.units import short_count
from qtui.models.files.model_file import ModelFile
from qtui.scenario.errors.groups import survey_rows
from qtui.scenario.errors.scenario import ErrorsResult, TensorErrors

ROWS = 16  # of the plot
WORST = 3


def report(result: ErrorsResult, width: int, glyphs: Glyphs) -> Picture:
    """Everything that was measured, as wide as `width`."""
    if result.scenario.view == "browse" and result.model is not None:
        return _browse(result, result.model, width, glyphs)
    name = result.title if result.tensor is None else f"{result.title}: {result.tensor.name}"
    rows = [line((name, "strong")), sampled_line(result.measured, max(result.count, 1))]
    if result.quantized:
        names = ", ".join(result.quantized)
        rows.append(line((f"already quantized ({names}): errors are relative to what is stored", "warn")))
    rows.append(line())
    rows += _plot(result, width, glyphs)
    rows += [line(), *format_table(format_rows(result.whole, result.bits, result.gaps), width, glyphs), line()]
    if result.tensor is not None or result.kind == "distribution":
        rows += _one(result, width)
    else:
        rows += _many(result, width, glyphs)
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*rows, line()))


def _browse(result: ErrorsResult, model: ModelFile, width: int, glyphs: Glyphs) -> Picture:
    """One tensor's weights; of a file without a tensor chosen, what it holds."""
    tensor, values = result.tensor, result.values
    if tensor is None:
        from qtui.cli.inspect import picture
        from qtui.scenario.inspect import InspectResult, InspectScenario

        return picture(InspectResult(InspectScenario(result.scenario.path), model, model.tensors), width, glyphs)
    facts = f"{tensor.name}  {shape_text(tensor.shape, glyphs)} {tensor.dtype}"
    rows: list[Line] = [line((result.title, "strong")), line((facts, "strong"))]
    if values is None:
        rows.append(line((result.rows[0].note or "no weights to show", "warn")))
    else:
        log = result.scenario.counts == "log"
        rows += [sampled_line(values.count + values.bad, max(tensor.count, 1)), line()]
        rows += [*value_histogram(values, width, ROWS, glyphs, log=log), line(), *_values(result, width)]
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*rows, line()))


def _plot(result: ErrorsResult, width: int, glyphs: Glyphs) -> Picture:
    scenario = result.scenario
    steps, log = scenario.unit == "steps", scenario.counts == "log"
    stats = [(found.format.name, found.stats) for found in result.whole if found.stats is not None]
    if not stats:
        return ()
    shown = overlay(stats, plot_cells(width), steps=steps, log=log, zoom=scenario.zoom)
    stacked = scenario.layout == "stacked"
    return plot(
        shown,
        width,
        ROWS * (len(stats) if stacked else 1),
        glyphs,
        steps=steps,
        log=log,
        stacked=stacked,
        even=scenario.even,
    )


def _one(result: ErrorsResult, width: int) -> Picture:
    rows: list[tuple[Span, ...]] = []
    shape = result.rows[0].shape
    for found in result.whole:
        table = worst_blocks(found, shape, WORST)
        if table:
            rows += [block_title(found), *table, line()]
    return (*rows, *_values(result, width))


def _values(result: ErrorsResult, width: int) -> Picture:
    if result.values is None:
        return ()
    shape = result.rows[0].shape if result.rows else (result.values.count,)
    found = outliers(result.values, shape, 6, width)
    head = line(("weights", "strong"))
    return (head, *value_facts(result.values, width), line("furthest from zero:"), *found)


def _many(result: ErrorsResult, width: int, glyphs: Glyphs) -> Picture:
    """SQNR by tensor, layer or role in each format; a long name loses its middle, then shape and type give way."""
    names = [fmt.name for fmt in result.formats]
    scenario = result.scenario
    rows = survey_rows(result.rows, names, scenario.group, scenario.sort)
    tensors = {row.name: row for row in result.rows} if scenario.group == "tensor" else {}
    about = {name: (shape_text(row.shape, glyphs), row.dtype) for name, row in tensors.items()}
    figures = sum(max(len(name), 5) + 2 for name in names) + 10
    rest = max((len(shape) + len(dtype) + 4 for shape, dtype in about.values()), default=0)
    whole = bool(about) and max(cell_count(safe(row.label)) for row in rows) + rest + figures <= width
    room = max(width - figures - (rest if whole else 0), 12)
    head: list[Span | str] = [("SQNR in dB", "strong")]
    head += [("shape", "strong"), ("type", "strong")] if whole else []
    table = [[*head, ("weights", "strong"), *((n, "strong") for n in names)]]
    for row in rows:
        cells: list[Span | str] = [shortened_name(row.label, room, glyphs)]
        cells += about[row.label] if whole else ()
        table.append([*cells, short_count(row.weights), *(_cell(total) for total in row.totals)])
    notes = list(dict.fromkeys(note for row in result.rows for note in _notes(row)))
    picture = columns(table, ("lll" if whole else "l") + "r" * (len(names) + 1))
    partly = any(total.missing and total.tensors for row in rows for total in row.totals)
    foot = [line(("* only some of these tensors", "dim"))] if partly else []
    return (*picture, *foot, *([line()] if notes else []), *(line((note, "dim")) for note in notes[:8]))


def _cell(total: Total) -> Span:
    if not total.tensors:
        return ("-", "dim")
    return (f"{decibels(total.sqnr_db)}{'*' if total.missing else ''}", "")


def _notes(row: TensorErrors) -> list[str]:
    found = [f"-: {measure.problem}" for measure in row.measures if measure.problem]
    return [*found, *([f"{row.name} {row.note}"] if row.note else [])]
