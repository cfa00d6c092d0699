"""How fast it is: what a token's time is made of, what was measured, and why fewer bits are faster, mostly."""

from __future__ import annotations

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.cards import labelled
from qtui.draw.memory.text import no_speed_text, rate, speed_texts
from qtui.draw.picture import Line, Picture, Span, columns, crop, line
from qtui.draw.safe import wrapped
from qtui.draw.units import gigabytes
from qtui.models.machine.native import FORMATS
from qtui.scenario.memory.asked import SpeedLesson
from qtui.scenario.memory.result import MemoryResult

MARK = 54  # cells beside the bar of a format that is slower than a larger one


def speed(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """The parts of a token's time as bars, then the figures with their sources, then the published table."""
    rows: list[Line] = [*time_bars(result, width, glyphs)]
    texts = speed_texts(result) or [("speed", no_speed_text(result))]
    for label, text in texts:
        rows += labelled(label, text, width)
    if result.lesson is not None:
        rows += [line(), *lesson(result.lesson, width, glyphs)]
    return tuple(rows)


def time_bars(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """Milliseconds of a token by what takes them."""
    speed = result.speed
    if speed is None:
        return ()
    parts = (
        ("read the weights", speed.reading, 3, "series1"),
        ("unpack them", speed.unpacking, 1, "series2"),
        ("start each layer", speed.fixed, 0, "series3"),
    )
    total = sum(seconds for _, seconds, _, _ in parts)
    room = max(8, min(72, width - 34))
    rows = [line((f"{'one token':<17}{'ms':>9}", "dim"))]
    for name, seconds, shade, role in parts:
        cells = max(1, round(room * seconds / total)) if seconds else 0
        shown = f"{1000 * seconds:.2f}" if not 0 < seconds < 5e-6 else "<0.01"
        rows.append(line(f"{name:<17}", (f"{shown:>9}", "strong"), "  ", (glyphs.shades[shade] * cells, role)))
    return (*rows, line())


def lesson(table: SpeedLesson, width: int, glyphs: Glyphs) -> Picture:
    """A published table, its formats by size: the bar is the speed."""
    most = max(row.tokens_per_second for row in table.rows)
    room = max(min(30, width - 40), width - MARK, 8)
    rows: list[list[Span | str]] = [[(text, "dim") for text in ("format", "bits", "GB", "tokens/s", "")]]
    for row in table.rows:
        role = "warn" if row.slower else "series1"
        filled = glyphs.shades[-1] * max(1, round(room * row.tokens_per_second / most))
        speed_of = (rate(row.tokens_per_second), "strong")
        mark = f" {glyphs.left} slower than {row.slower}" if row.slower else ""
        size = gigabytes(row.bytes) if row.bytes else ""
        rows.append([row.format, f"{row.bits:.1f}" if row.bits else "", size, speed_of, (filled + mark, role)])
    head = line((f"{table.model} on {table.device}, measured", "strong"))
    source = [line((row, "dim")) for row in wrapped(f"source: {table.source}", width)]
    parts = (head, *columns(rows, "lrrrl"), *source, line(), *native(table, width, glyphs))
    return tuple(crop(row, width, glyphs.ellipsis) for row in parts)


def native(table: SpeedLesson, width: int, glyphs: Glyphs) -> Picture:
    """What each generation of processors multiplies as it is, that at hand marked."""
    rows: list[list[Span | str]] = [[("multiplied as it is", "strong"), *((name, "dim") for name in FORMATS)]]
    for generation in table.generations:
        marks: list[Span | str] = [
            (glyphs.yes, "good") if name in generation.formats else (glyphs.minus, "dim") for name in FORMATS
        ]
        own = generation == table.own
        rows.append([(f"{glyphs.right if own else ' '} {generation.name}", "strong" if own else ""), *marks])
    sources = "; ".join(dict.fromkeys(generation.source for generation in table.generations))
    notes = [line((row, "dim")) for row in wrapped(f"All else is unpacked to one of these first; {sources}.", width)]
    return (*columns(rows, "l" + "r" * len(FORMATS)), *notes)
