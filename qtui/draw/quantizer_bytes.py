"""The stored bytes of one block in hex, every byte marked with the field it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from qtui.compute.codec import Span as Field
from qtui.compute.playground import Stored
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, line
from qtui.draw.quantizer_parts import scheme_heading

# Field colours follow the order of the fields; their letters say the same without colour.
ROLES = ("sign", "mantissa", "exponent", "series3", "series2", "series1")


def stored_bytes(schemes: Sequence[Stored], at: int, width: int, height: int, glyphs: Glyphs) -> Picture:
    """The block that holds weight `at`, for each scheme: bytes, and beneath each byte the letter of its field."""
    picture: list[Line] = []
    for index, each in enumerate(schemes):
        picture += _block(each, at, index, width, glyphs)
    return tuple(picture[:-1]) if picture else ()


def _block(each: Stored, at: int, index: int, width: int, glyphs: Glyphs) -> list[Line]:
    block, held = each.block_bytes(at)
    per_row = -(-(each.columns + each.padding) // each.format.block_size)
    name = each.label
    what = f"{len(held)} bytes hold {_plural(each.format.block_size, 'weight')}"
    rows = [scheme_heading(index, name, f"block {block + 1} of {per_row}: {what}")]
    marks = field_marks(each.layout, len(held))
    legend: list[Span | str] = []
    for order, field in enumerate(each.layout):
        letter, role = _mark(each.layout, order)
        legend += ["  ", (f"{letter} {field.name}", role), (f" {field.stop - field.start} B", "dim")]
    rows.append(line(*legend) if legend else line(("  the whole block is one code", "dim")))
    wide = max(8, min((width - 6) // 3, 32) // 8 * 8)
    for start in range(0, len(held), wide):
        part = range(start, min(start + wide, len(held)))
        rows.append(line((f"{start:4X}  ", "dim"), *(_cell(f"{held[i]:02X} ", marks[i][1]) for i in part)))
        rows.append(line("      ", *(_cell(f"{marks[i][0]}{marks[i][0]} ", marks[i][1]) for i in part)))
    rest = _once_per_row(each)
    if rest:
        rows.append(line(("      " + rest, "dim")))
    return [*rows, ()]


def _once_per_row(each: Stored) -> str:
    """What a row or a tensor stores besides its blocks, in hex."""
    parts = []
    blocks = -(-(each.columns + each.padding) // each.format.block_size) * each.format.block_bytes
    extra = each.data[0, blocks:]
    if len(extra):
        parts.append("once per row: " + " ".join(f"{b:02X}" for b in extra[:16]))
    if each.header.size:
        parts.append("once per tensor: " + " ".join(f"{b:02X}" for b in each.header[:16]))
    return "; ".join(parts)


def _cell(text: str, role: str) -> Span:
    return (text, role)


def field_marks(layout: Sequence[Field], size: int) -> list[Span]:
    """For each of `size` bytes, the letter and the role of the field that it belongs to."""
    marks: list[Span] = [(".", "dim")] * size
    for order, field in enumerate(layout):
        for i in range(field.start, min(field.stop, size)):
            marks[i] = _mark(layout, order)
    return marks


def _mark(layout: Sequence[Field], order: int) -> Span:
    """A letter for a field: its first one, or the next of its name that no earlier field has taken."""
    taken: list[str] = []
    for field in layout[: order + 1]:
        free = [c for c in field.name if c.isalpha() and c not in taken]
        taken.append(free[0] if free else "?")
    return taken[order], ROLES[order % len(ROLES)]


def _plural(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"
