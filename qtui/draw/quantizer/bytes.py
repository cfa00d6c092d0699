"""The stored bytes of one block in hex: the field of each byte, and which of them the chosen weight comes from."""

from __future__ import annotations

from collections.abc import Sequence

from qtui.compute.codec import Span as Field
from qtui.compute.quantizer.bytes import sources
from qtui.compute.quantizer.stored import StoredWeights, is_code
from qtui.draw.picture import Line, Picture, Span, line
from qtui.draw.picture import width as row_width
from qtui.draw.quantizer.parts import scheme_heading

# Field colours follow the order of the fields; their letters say the same without colour.
ROLES = ("sign", "mantissa", "exponent", "series3", "series2", "series1")


def stored_bytes(schemes: Sequence[StoredWeights], at: int, width: int, height: int) -> Picture:
    """The block that holds weight `at`, for each scheme: bytes, and beneath each byte the letter of its field."""
    picture: list[Line] = []
    for index, each in enumerate(schemes):
        picture += _block(each, at, index, width, max(2, height // len(schemes) - 3))
    return tuple(picture)


def _block(each: StoredWeights, at: int, index: int, width: int, height: int) -> list[Line]:
    """One scheme: its heading, the legend, and at most `height` rows of bytes around the weight's own."""
    weights, _ = each.unit
    unit, held = each.unit_bytes(at)
    units = each.places // each.rows // weights
    where = f"row {at // each.columns + 1} of {each.rows}" if each.by_row else f"block {unit + 1} of {units}"
    what = f"{where}: {_plural(len(held), 'byte')} for {_plural(weights, 'weight')}"
    exact = ", as ggml writes them" if each.format.in_gguf else ""
    rows = [scheme_heading(index, each.label, what + exact), _legend(each, width)]
    marks = field_marks(each.layout, len(held))
    mine = sources(each, at)
    wide = max(8, min((width - 6) // 3, 32) // 8 * 8)
    lines = -(-len(held) // wide)
    shown = max(1, height // 2)
    first = min(max(_byte_of(each, at, mine) // wide - shown // 2, 0), max(lines - shown, 0))
    for start in range(first * wide, min((first + shown) * wide, len(held)), wide):
        part = range(start, min(start + wide, len(held)))
        rows.append(line((f"{start:4X}  ", "dim"), *((f"{held[i]:02X} ", marks[i][1]) for i in part)))
        rows.append(line("      ", *_letters(marks, mine, part)))
    if each.header.size:
        once = " ".join(f"{b:02X}" for b in each.header[:16])
        rows.append(line(("once per tensor  ", "dim"), once))
    where = " ".join(f"{i:X}" for i in sorted(mine)[:16])
    rows.append(line((f"weight {at} comes from the bytes {where}", "dim")) if mine else ())
    return rows


def _letters(marks: Sequence[Span], mine: frozenset[int], part: range) -> list[Span | str]:
    """The field letters under some bytes; capitals under those that the weight comes from."""
    spans: list[Span | str] = []
    for i in part:
        letter, role = marks[i]
        spans += [(letter.upper() * 2, "cursor") if i in mine else (letter * 2, role), " "]
    return spans


def _byte_of(each: StoredWeights, at: int, mine: frozenset[int]) -> int:
    """Where in its unit the code of weight `at` is; where that is not known, as if codes followed one another."""
    codes = next((span for span in each.layout if is_code(span.name)), None)
    if codes is None:
        return 0
    weights, _ = each.unit
    guess = codes.start + (at % each.columns % weights) * (codes.stop - codes.start) // weights
    return min((i for i in mine if codes.start <= i < codes.stop), default=guess)


def _legend(each: StoredWeights, width: int) -> Line:
    """Each field's letter, name and size."""
    short: list[Span | str] = []
    spans: list[Span | str] = []
    for order, field in enumerate(each.layout):
        letter, role = _mark(each.layout, order)
        size = field.stop - field.start
        spans += ["  ", (f"{letter} {field.name}", role), (f" {_plural(size, 'byte')}", "dim")]
        short += ["  ", (f"{letter} {field.name}", role), (f" {size} B", "dim")]
    return line(*spans) if row_width(line(*spans)) <= width else line(*short[1:])


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
