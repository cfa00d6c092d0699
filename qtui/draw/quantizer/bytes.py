"""What the stored bytes are for: a block's bytes in hex with their fields, and the ledger of bits per weight."""

from __future__ import annotations

from collections.abc import Sequence

from qtui.compute.codec import Span as Field
from qtui.compute.quantizer.bytes import LedgerEntry
from qtui.compute.quantizer.stored import StoredWeights
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, columns, line
from qtui.draw.picture import width as row_width
from qtui.draw.quantizer.parts import bits_text, scheme_heading, short
from qtui.draw.quantizer.words import ledger_name
from qtui.scenario.quantizer.result import QuantizerResult, Scheme, Spot

# Field colours follow the order of the fields; their letters say the same without colour.
ROLES = ("sign", "mantissa", "exponent", "series3", "series2", "series1")
ONCE = "once per tensor"  # the ledger's name of what a tensor stores once
BARS = (64, 48, 32, 16, 8, 4)  # cells of the longest bar: the first that leaves room for the words


def stored_bytes(result: QuantizerResult, width: int, height: int) -> Picture:
    """The block of the weight looked at, for each scheme: bytes, and beneath each byte the letter of its field."""
    picture: list[Line] = []
    room = _rows_of_bytes([2 * -(-len(spot.unit) // _across(width)) for spot in result.spots], height)
    for index, (scheme, spot) in enumerate(zip(result.schemes, result.spots, strict=True)):
        picture += _block(scheme, spot, result.at, index, width, room)
    return tuple(picture)


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
    what = f"{where}: {_plural(len(held), 'byte')} for {_plural(weights, 'weight')}"
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
        spans += ["  ", (f"{letter} {field.name}", role), (f" {_plural(size, 'byte')}", "dim")]
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


def _plural(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"


def bits_ledger(schemes: Sequence[Scheme], width: int, height: int, glyphs: Glyphs) -> Picture:
    """For each scheme: a line per kind of byte, its bits per weight, and the sum against bfloat16.

    Where that is too much for `height`, the sum alone and a bar of its parts.
    """
    least = sum(len(scheme.ledger) + 2 + _has_empty(scheme) for scheme in schemes)
    if least > height:
        return _short(schemes, width, glyphs)
    between: list[Line] = [()] if least + len(schemes) - 1 <= height else []
    picture: list[Line] = []
    for cells in BARS:
        accounts = _accounts(schemes, cells, glyphs)
        picture = []
        for index, (scheme, account) in enumerate(zip(schemes, accounts, strict=True)):
            held = f"{_plural(scheme.stored.nbytes, 'byte')} for {_plural(len(scheme.stored.x), 'weight')}"
            heading = scheme_heading(index, scheme.stored.label, (held, "dim"))
            picture += [*(between if index else ()), heading, *account]
        if max(map(row_width, picture)) <= width:
            break
    return tuple(picture)


def _short(schemes: Sequence[Scheme], width: int, glyphs: Glyphs) -> Picture:
    """Two lines for each scheme: the sum, and a bar in which scales are light and codes dark."""
    most = max(scheme.bits for scheme in schemes)
    rows: list[Line] = []
    for index, scheme in enumerate(schemes):
        parts = " + ".join(f"{ledger_name(scheme, entry)} {_bits(float(entry.bits))}" for entry in scheme.ledger)
        heading = scheme_heading(index, scheme.stored.label, f"{parts} = {_bits(scheme.bits)}")
        if row_width(heading) > width:
            parts = f"codes {_bits(scheme.code_bits)} + shared {_bits(scheme.shared_bits)}"
            heading = scheme_heading(index, scheme.stored.label, f"{parts} = {_bits(scheme.bits)}")
        rows.append(heading)
        room = (width - 4) / most
        bar = [
            (_shade(entry, glyphs) * max(1, round(room * float(entry.bits))), "mantissa") for entry in scheme.ledger
        ]
        rows += [line("  ", *bar), ()]
    return tuple(rows[:-1])


def _shade(entry: LedgerEntry, glyphs: Glyphs) -> str:
    return glyphs.shades[-1] if entry.shared_by == 1 else glyphs.shades[1]


def _has_empty(scheme: Scheme) -> bool:
    return scheme.stored.places > len(scheme.stored.x)


def _accounts(schemes: Sequence[Scheme], cells: int, glyphs: Glyphs) -> list[Picture]:
    """Each scheme's ledger, in columns that all have in common; the longest bar has so many `cells`."""
    most = max((float(entry.bits) for scheme in schemes for entry in scheme.ledger), default=0.0) or 1.0
    rows: list[list[Span | str]] = []
    for scheme in schemes:
        for entry in scheme.ledger:
            bar = _shade(entry, glyphs) * max(1, round(cells * float(entry.bits) / most))
            name, amount = ledger_name(scheme, entry), _bits(float(entry.bits))
            rows.append(["  ", (name, "label"), amount, (bar, "mantissa"), (_sharing(scheme, entry), "dim")])
        rows.append(
            [
                "  ",
                ("bits per weight", "strong"),
                (_bits(scheme.bits), "strong"),
                "",
                _beside_bfloat16(scheme, glyphs),
            ]
        )
    table = iter(columns(rows, "ll.ll", gap=1))
    accounts: list[Picture] = []
    for scheme in schemes:
        account = [next(table) for _ in range(len(scheme.ledger) + 1)]
        if _has_empty(scheme):
            places = scheme.stored.places
            empty = f"  {places - len(scheme.stored.x):,} of {places:,} places are empty here, and counted"
            account.append(line((empty, "warn")))
        accounts.append(tuple(account))
    return accounts


def _sharing(scheme: Scheme, entry: LedgerEntry) -> str:
    """How many weights pay for what `entry` names."""
    stored = scheme.stored
    if entry.name.startswith("outliers"):
        return f"{len(stored.kept):,} of {len(stored.x):,} weights, 32 bits each"
    return "each weight's own" if entry.shared_by == 1 else f"one for {entry.shared_by:,} weights"


def _beside_bfloat16(scheme: Scheme, glyphs: Glyphs) -> Span:
    total = scheme.bits
    if not total:
        return ("", "")
    times = f"{max(16 / total, total / 16):.3g}"
    return (f"{times}{glyphs.times} {'above' if total > 16 else 'below'} bfloat16", "strong")


def _bits(value: float) -> str:
    if value >= 1000:
        return short(value)
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return text if float(text) == value else bits_text(value)
