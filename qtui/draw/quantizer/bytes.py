"""The stored bytes of a block in hex, and under each the letter of its field."""

from __future__ import annotations

from collections.abc import Sequence

from qtui.compute.codec import Span as Field
from qtui.compute.quantizer.stored import StoredWeights
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, line
from qtui.draw.picture import width as row_width
from qtui.draw.quantizer.parts import counted, plural, scheme_heading
from qtui.draw.quantizer.words import ledger_name
from qtui.scenario.quantizer.result import QuantizerResult, Scheme, Spot

# Field colours follow the order of the fields; their letters say the same without colour.
ROLES = ("sign", "mantissa", "exponent", "series3", "series2", "series1")
ONCE = "once per tensor"  # the ledger's name of what a tensor stores once


def picture(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """The block of the weight looked at, for each scheme: bytes, and beneath each byte the letter of its field."""
    picture: list[Line] = []
    room = _rows_of_bytes([2 * -(-len(spot.unit) // _across(width)) for spot in result.spots], height)
    for index, (scheme, spot) in enumerate(zip(result.schemes, result.spots, strict=True)):
        picture += _block(scheme, spot, result.at, index, width, room)
    return tuple(picture)


def sentence(result: QuantizerResult) -> str:
    """What there is to see, and why."""
    stored, spot = result.schemes[0].stored, result.spots[0]
    weights = stored.unit[0]
    size = f"{len(spot.unit):,} byte{'s' * (len(spot.unit) > 1)}"
    held = f"A packs {counted(weights)} weight{'s' * (weights > 1)} in {size}"
    if spot.sources:
        needs = f"weight {result.at} comes from {counted(len(spot.sources))} of them, in capitals"
        return f"{held}; {needs}: its code and what it shares."
    once = f", and {stored.header.size} more once for all" if stored.header.size else ""
    return f"{held}{once}: this is all that is kept of the numbers."


def _rows_of_bytes(needs: Sequence[int], height: int) -> int:
    """The most rows of bytes that a scheme gets where each needs so many; what one leaves over is the others'."""
    share = height // len(needs) - 4  # beside a heading, a legend and two rows of remarks
    spare = sum(max(share - need, 0) for need in needs)
    wanting = sum(need > share for need in needs)
    return max(2, share + spare // wanting if wanting else max(needs))


def _across(width: int) -> int:
    """Bytes of a row."""
    return max(8, min((width - 6) // 3, 32) // 8 * 8)


def _block(scheme: Scheme, spot: Spot, at: int, index: int, width: int, height: int) -> list[Line]:
    """One scheme: its heading, the legend, and at most `height` rows of bytes around the weight's own."""
    stored = scheme.stored
    weights, _ = stored.unit
    held = spot.unit
    units = stored.places // stored.rows // weights
    where = f"block {spot.unit_index + 1} of {units}"
    if stored.by_row:
        where = f"row {at // stored.columns + 1} of {stored.rows}"
    what = f"{where}: {plural(len(held), 'byte')} for {plural(weights, 'weight')}"
    exact = ", as ggml writes them" if stored.format.in_gguf else ""
    rows = [scheme_heading(index, stored.label, what + exact), _legend(stored, width)]
    marks = field_marks(stored.layout, len(held))
    mine = spot.sources
    wide = _across(width)
    lines = -(-len(held) // wide)
    shown = max(1, height // 2)
    first = min(max(spot.code_byte // wide - shown // 2, 0), max(lines - shown, 0))
    for start in range(first * wide, min((first + shown) * wide, len(held)), wide):
        part = range(start, min(start + wide, len(held)))
        rows.append(line((f"{start:4X}  ", "dim"), *((f"{held[i]:02X} ", marks[i][1]) for i in part)))
        rows.append(line("      ", *_letters(marks, mine, part)))
    if stored.header.size:
        once = " ".join(f"{b:02X}" for b in stored.header[:16])
        names = [ledger_name(scheme, entry) for entry in scheme.ledger if entry.name == ONCE]
        what = "".join(f"  {name}" for name in names if name != ONCE)
        rows.append(line((f"{ONCE}  ", "dim"), once, (what, "dim")))
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


def _legend(stored: StoredWeights, width: int) -> Line:
    """Each field's letter, name and size."""
    short: list[Span | str] = []
    spans: list[Span | str] = []
    for order, field in enumerate(stored.layout):
        letter, role = _field_mark(stored.layout, order)
        size = field.stop - field.start
        spans += ["  ", (f"{letter} {field.name}", role), (f" {plural(size, 'byte')}", "dim")]
        short += ["  ", (f"{letter} {field.name}", role), (f" {size} B", "dim")]
    return line(*spans) if row_width(line(*spans)) <= width else line(*short[1:])


def field_marks(layout: Sequence[Field], size: int) -> list[Span]:
    """For each of `size` bytes, the letter and the role of the field that it belongs to."""
    marks: list[Span] = [(".", "dim")] * size
    for order, field in enumerate(layout):
        for i in range(field.start, min(field.stop, size)):
            marks[i] = _field_mark(layout, order)
    return marks


def _field_mark(layout: Sequence[Field], order: int) -> Span:
    """A letter for a field: its first one, or the next of its name that no earlier field has taken."""
    taken: list[str] = []
    for field in layout[: order + 1]:
        free = [c for c in field.name if c.isalpha() and c not in taken]
        taken.append(free[0] if free else "?")
    return taken[order], ROLES[order % len(ROLES)]
