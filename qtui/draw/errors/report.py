"""What `qtui errors` prints: the histogram, the figures of each format, and for a file a line a tensor."""

from __future__ import annotations

from qtui.compute.errors.survey import Total
from qtui.draw.errors.plot import fitted, plot, value_histogram
from qtui.draw.errors.table import format_table, total_quality
from qtui.draw.errors.views import block_title, in_sample, outliers, sampled_line, value_facts, worst_blocks
from qtui.draw.errors.words import headline
from qtui.draw.errors.words import sentence as phrase
from qtui.draw.frame import sentence
from qtui.draw.glyphs import Glyphs
from qtui.draw.histogram import plot_cells
from qtui.draw.inspect import inspect_report, shape_text, shortened_name
from qtui.draw.picture import Line, Picture, Span, columns, crop, line
from qtui.draw.safe import cell_count, safe
from qtui.draw.units import short_count
from qtui.scenario.errors.result import ErrorsResult, TensorErrors

ROWS = 16  # of the plot
WORST = 3
APART = "left as they are by llama-quantize:"


def report(result: ErrorsResult, width: int, glyphs: Glyphs) -> Picture:
    """The histogram and the figures of all rows together, and for a file a line a tensor; as wide as `width`."""
    if result.scenario.view == "browse" and result.file is not None:
        return _browse(result, width, glyphs)
    name = result.title if result.tensor is None else f"{result.title}: {result.tensor.name}"
    rows = [line((name, "strong")), sampled_line(result.measured, max(result.count, 1))]
    rows.append(headline(result, width, glyphs))
    if result.quantized:
        names = ", ".join(result.quantized)
        rows.append(line((f"already quantized ({names}): errors are relative to what is stored", "warn")))
    rows.append(line())
    rows += _plot(result, width, glyphs)
    rows += [*sentence(phrase(result, glyphs), width), line(), *format_table(result.totals, width, glyphs), line()]
    if result.tensor is not None or result.kind == "distribution":
        rows += _one(result, width)
    else:
        rows += _many(result, width, glyphs)
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*rows, line()))


def _browse(result: ErrorsResult, width: int, glyphs: Glyphs) -> Picture:
    """One tensor's weights; of a file without a tensor chosen, what it holds."""
    tensor, weights = result.tensor, result.values
    if tensor is None:
        header = result.file.header if result.file is not None else None
        return () if header is None else inspect_report(header, width, glyphs)
    facts = f"{tensor.name}  {shape_text(tensor.shape, glyphs)} {tensor.dtype}"
    rows: list[Line] = [line((result.title, "strong")), line((facts, "strong"))]
    if weights is None:
        rows.append(line((result.rows[0].note or "no weights to show", "warn")))
    else:
        log = result.scenario.counts == "log"
        seen = weights.stats.count + weights.stats.bad
        rows += [sampled_line(seen, max(tensor.count, 1)), line()]
        rows += [*value_histogram(weights, width, ROWS, glyphs, log=log)]
        rows += [*sentence(phrase(result, glyphs), width), line(), *_values(result, width)]
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*rows, line()))


def _plot(result: ErrorsResult, width: int, glyphs: Glyphs) -> Picture:
    scenario = result.scenario
    if result.overlay is None:
        return ()
    stacked = scenario.layout == "stacked"
    measured = sum(not total.figures.problem for total in result.totals)
    return plot(
        fitted(result.overlay, plot_cells(width)),
        width,
        ROWS * (measured if stacked else 1),
        glyphs,
        steps=scenario.unit == "steps",
        log=scenario.counts == "log",
        stacked=stacked,
    )


def _one(result: ErrorsResult, width: int) -> Picture:
    rows: list[tuple[Span, ...]] = []
    shape = result.rows[0].shape
    for total in result.totals:
        table = worst_blocks(total, shape, WORST)
        if table:
            rows += [line((block_title(total), "strong")), *table, line()]
    return (*rows, *_values(result, width))


def _values(result: ErrorsResult, width: int) -> Picture:
    if result.values is None:
        return ()
    stats = result.values.stats
    shape = result.rows[0].shape if result.rows else (stats.count,)
    head = line(("weights", "strong"))
    return (
        head,
        *value_facts(stats, width, result.in_part),
        line(f"furthest from zero{in_sample(result)}:"),
        *outliers(stats, shape, 6, width),
    )


def _many(result: ErrorsResult, width: int, glyphs: Glyphs) -> Picture:
    """SQNR by tensor, layer or role in each format, what the marks mean, and what there is to say of tensors."""
    rows = result.survey
    table = list(_survey(result, width, glyphs))
    counted = sum(row.counted for row in rows)
    if result.scenario.group == "tensor" and counted < len(rows):
        table.insert(1 + counted, line((APART, "dim")))
    totals = [total for row in rows for total in row.totals]
    if any(total.missing and total.tensors for total in totals):
        table.append(line(("* only some of these tensors", "dim")))
    if any(total.fallbacks for total in totals):
        table.append(line(("^ rows are no whole blocks: in the type that llama-quantize falls back to", "dim")))
    notes = list(dict.fromkeys(note for row in result.rows for note in _notes(row)))
    return (*table, *([line()] if notes else []), *(line((note, "dim")) for note in notes[:8]))


def _survey(result: ErrorsResult, width: int, glyphs: Glyphs) -> Picture:
    """A row for each of the survey's; a long name loses its middle, then shape and type give way."""
    names = [fmt.name for fmt in result.formats]
    rows = result.survey
    tensors = result.rows if result.scenario.group == "tensor" else ()
    about = {row.name: (shape_text(row.shape, glyphs), row.dtype) for row in tensors}
    texts = [[_cell(total)[0] for total in row.totals] or [""] * len(names) for row in rows]
    figures = sum(max(len(name), 5, *(len(row[i]) for row in texts)) + 2 for i, name in enumerate(names)) + 10
    rest = max((len(shape) + len(dtype) + 4 for shape, dtype in about.values()), default=0)
    whole = bool(about) and max(cell_count(safe(row.label)) for row in rows) + rest + figures <= width
    room = max(width - figures - (rest if whole else 0), 12)
    heads = ["SQNR in dB", *(("shape", "type") if whole else ()), "weights", *names]
    table: list[list[Span | str]] = [[(head, "strong") for head in heads]]
    for row in rows:
        cells: list[Span | str] = [shortened_name(row.label, room, glyphs)]
        cells += about[row.label] if whole else ()
        table.append([*cells, short_count(row.weights), *(_cell(total) for total in row.totals)])
    return columns(table, ("lll" if whole else "l") + "r" * (len(names) + 1))


def _cell(total: Total) -> Span:
    if not total.tensors:
        return ("-", "dim")
    mark = "*" if total.missing else "^" if total.fallbacks else ""
    return (f"{total_quality(total)}{mark}", "")


def _notes(row: TensorErrors) -> list[str]:
    problems = [f"-: {measure.problem}" for measure in row.measures if measure.problem]
    return [*problems, *([f"{row.name} {row.note}"] if row.note else [])]
