"""The ledger of bits as bars: codes, scales and minimums, up to the bits per weight that are really paid."""

from __future__ import annotations

from collections.abc import Sequence

from qtui.compute.quantizer.bytes import LedgerEntry, ledger
from qtui.compute.quantizer.stored import StoredWeights
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, columns, line
from qtui.draw.picture import width as row_width
from qtui.draw.quantizer.parts import scheme_heading, short

BARS = (16, 8, 4)  # cells of the longest bar: the first that leaves room for the words


def bits_ledger(schemes: Sequence[StoredWeights], width: int, height: int, glyphs: Glyphs) -> Picture:
    """For each scheme: a line per kind of byte, its bits per weight, and the sum against bfloat16.

    Where that is too much for `height`, the sum alone and a bar of its parts.
    """
    books = [ledger(each) for each in schemes]
    if sum(len(book) + 3 for book in books) - 1 > height:
        return _short(schemes, books, width, glyphs)
    most = max((float(sum(entry.bits for entry in book)) for book in books), default=1.0) or 1.0
    picture: list[Line] = []
    for cells in BARS:
        picture = []
        for index, (each, book) in enumerate(zip(schemes, books, strict=True)):
            picture += [scheme_heading(index, each.label), *_lines(each, book, cells / most, glyphs), ()]
        if max(map(row_width, picture)) <= width:
            break
    return tuple(picture[:-1])


def _short(
    schemes: Sequence[StoredWeights], books: Sequence[Sequence[LedgerEntry]], width: int, glyphs: Glyphs
) -> Picture:
    """Two lines for each scheme: the sum, and a bar in which scales are light and codes dark."""
    most = max(float(sum(entry.bits for entry in book)) for book in books)
    rows: list[Line] = []
    for index, (each, book) in enumerate(zip(schemes, books, strict=True)):
        total = _bits(float(sum(entry.bits for entry in book)))
        parts = " + ".join(f"{entry.name} {_bits(float(entry.bits))}" for entry in book)
        rows.append(scheme_heading(index, each.label, f"{parts} = {total}"))
        room = (width - 4) / most
        bar = [(_mark(entry, glyphs) * max(1, round(room * float(entry.bits))), "mantissa") for entry in book]
        rows += [line("  ", *bar), ()]
    return tuple(rows[:-1])


def _mark(entry: LedgerEntry, glyphs: Glyphs) -> str:
    return glyphs.shades[-1] if entry.shared_by == 1 else glyphs.shades[1]


def _lines(each: StoredWeights, book: Sequence[LedgerEntry], scale: float, glyphs: Glyphs) -> list[Line]:
    """One scheme's account; a bit is `scale` cells of a bar."""
    rows: list[list[tuple[str, str] | str]] = []
    for entry in book:
        cells = max(1, round(scale * float(entry.bits)))
        shared = "each weight's own" if entry.shared_by == 1 else f"one for {entry.shared_by} weights"
        if entry.name.startswith("outliers"):
            shared = f"{len(each.kept)} of {len(each.x)} weights, 32 bits each"
        bar = _mark(entry, glyphs)
        amount = _bits(float(entry.bits))
        rows.append(["  ", (entry.name, "label"), amount, (bar * cells, "mantissa"), (shared, "dim")])
    total = sum(entry.bits for entry in book)
    size = f"{each.nbytes} bytes, {16 / float(total):.3g}{glyphs.times} smaller than bfloat16" if total else ""
    rows.append(["  ", ("bits per weight", "strong"), (_bits(float(total)), "strong"), "", (size, "strong")])
    picture = list(columns(rows, "llrll", gap=1))
    empty = each.places - len(each.x)
    if empty:
        picture.append(line((f"  {empty} of {each.places} places are empty here, and counted", "warn")))
    return picture


def _bits(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".") if value < 1000 else short(value)
