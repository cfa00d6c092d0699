"""A picture is rows of spans: text with the name of a role ("sign", "good", "axis"), not a colour.

Drawing functions return pictures from plain values, a width and a height. The app turns roles into the theme's
styles, the command line into Rich's; without colour a role keeps its bold, reverse or underline, and the text alone
must carry the meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qtui.draw.safe import cell_count, cut, safe

Span = tuple[str, str]
Line = tuple[Span, ...]
Picture = tuple[Line, ...]


def line(*spans: Span | str) -> Line:
    """One row, its texts safe; bare strings take the plain role. Empty spans go, equal neighbours are joined."""
    return joined([_safe_span(span) for span in spans])


def joined(spans: Iterable[Span]) -> Line:
    """One row of spans that are safe already. Empty ones go, equal neighbours are joined."""
    row: list[Span] = []
    last = None
    for span in spans:
        text, role = span
        if not text:
            continue
        if role == last:
            row[-1] = (row[-1][0] + text, role)
        else:
            row.append(span)
            last = role
    return tuple(row)


def width(row: Line) -> int:
    """Cells that `row` takes."""
    return cell_count("".join([text for text, _ in row]))


def crop(row: Line, cells: int, more: str = "") -> Line:
    """`row` cut to `cells`; what was cut is marked by `more` ("…") in the last cell."""
    if width(row) <= cells:
        return row
    room = max(0, cells - len(more))
    kept: list[Span] = []
    for text, role in row:
        if room <= 0:
            break
        part = cut(text, room)
        kept.append((part, role))
        room -= cell_count(text)
    role = kept[-1][1] if kept else ""
    return line(*kept, (more[:cells], role))


def crop_at_word(row: Line, cells: int, more: str) -> Line:
    """`row` cut to `cells` behind a word, where it has several."""
    if width(row) <= cells:
        return row
    *before, (text, role) = crop(row, cells - len(more)) or (("", ""),)
    return line(*before, (text[: text.rfind(" ") + 1] or text, role), (more, role))


def pad(row: Line, cells: int) -> Line:
    """`row` cropped or filled with spaces to exactly `cells`."""
    row = crop(row, cells)
    return joined((*row, (" " * (cells - width(row)), "")))


def beside(left: Sequence[Line], right: Sequence[Line], left_width: int, gap: int = 1) -> Picture:
    """Two pictures side by side, the left one padded to `left_width`."""
    height = max(len(left), len(right))
    rows = []
    for y in range(height):
        a = left[y] if y < len(left) else ()
        b = right[y] if y < len(right) else ()
        rows.append(joined((*pad(a, left_width), (" " * gap, ""), *b)))
    return tuple(rows)


def columns(rows: Iterable[Sequence[Span | str]], align: str, gap: int = 2) -> Picture:
    """A table: cells padded to the widest of their column.

    `align` has a letter for each column: "l" left, "r" right, "." right with the numbers below the heading on their
    decimal points.
    """
    table = [[_safe_span(cell) for cell in row] for row in rows]
    for i, kind in enumerate(align):
        if kind == ".":
            _on_points(table, i)
    sizes = [[len(text) if text.isascii() else cell_count(text) for text, _ in row] for row in table]
    widths = [max((row[i] for row in sizes if i < len(row)), default=0) for i in range(len(align))]
    picture = []
    for row, row_sizes in zip(table, sizes, strict=True):
        spans: list[Span] = []
        for i, span in enumerate(row):
            fill = (" " * (widths[i] - row_sizes[i]), "")
            spans += (span, fill) if align[i] == "l" else (fill, span)
            spans.append((" " * gap, ""))
        picture.append(_stripped(joined(spans)))
    return tuple(picture)


def _on_points(table: list[list[Span]], at: int) -> None:
    """Fill the numbers of column `at` behind their decimals, so that points stand below each other."""
    numbers = [row for row in table if at < len(row) and _is_number(row[at][0])]
    behind = [len(row[at][0].partition(".")[2]) + ("." in row[at][0]) for row in numbers]
    for row, digits in zip(numbers, behind, strict=True):
        text, role = row[at]
        row[at] = (text + " " * (max(behind) - digits), role)


def _is_number(text: str) -> bool:
    return text[:1] in "+-−<0123456789" and text[-1:].isdigit() and "e" not in text


def _safe_span(cell: Span | str) -> Span:
    text, role = cell if isinstance(cell, tuple) else (cell, "")
    return text if text.isascii() and text.isprintable() else safe(text), role


def fitted(
    rows: Sequence[Sequence[Span | str]], align: str, room: int, spare: Sequence[int], gap: int = 2
) -> Picture:
    """A table (see `columns`); where it is wider than `room` it goes without the columns `spare`, in this order."""
    for dropped in range(len(spare) + 1):
        kept = [i for i in range(len(align)) if i not in spare[:dropped]]
        table = [[row[i] for i in kept if i < len(row)] for row in rows]
        picture = columns(table, "".join(align[i] for i in kept), gap)
        if max(map(width, picture), default=0) <= room:
            break
    return picture


def _stripped(row: Line) -> Line:
    """`row` without the plain spaces at its end."""
    *rest, (last, role) = row or (("", ""),)
    return row if role else joined((*rest, (last.rstrip(), "")))


def text(picture: Iterable[Line]) -> str:
    """The picture without roles, a line a row, trailing spaces removed."""
    return "\n".join("".join(part for part, _ in row).rstrip() for row in picture)
