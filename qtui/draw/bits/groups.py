"""Groups of rows with titles, arranged so that what matters most stays in a low window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qtui.draw.frame import title
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, line

TITLED = 10  # rows from which on groups have titles


@dataclass(frozen=True)
class RowGroup:
    """Rows that belong together; `short` are those that stay where there is little room, none if it goes whole."""

    name: str
    title: str
    rows: Picture
    short: Picture = ()


def arranged(
    groups: Sequence[RowGroup], first_to_go: Sequence[str], width: int, height: int, glyphs: Glyphs, note: bool = True
) -> Picture:
    """`groups` under their titles in `height` rows; those named in `first_to_go` give way, as many as have to.

    One shrinks to its short rows where it is named first, and goes where it is named again. What is left out is
    named in the last row, with `note`.
    """
    titled = height >= TITLED
    rows = {group.name: group.rows for group in groups}
    shorter = {group.name: group.short for group in groups}
    gone: list[str] = []

    def taken() -> int:
        return sum(len(part) + titled for part in rows.values() if part) + bool(gone and note)

    for name in first_to_go:
        if taken() <= height:
            break
        if rows.get(name):
            rows[name] = shorter[name] if len(shorter[name]) < len(rows[name]) else ()
            shorter[name] = ()
            gone += [name] if not rows[name] else []
    for group in groups:
        if group.name in gone and group.short and taken() + len(group.short) + titled <= height:
            rows[group.name] = group.short
            gone.remove(group.name)
    spare = height - taken()
    picture: list[Line] = []
    for group in groups:
        if not rows[group.name]:
            continue
        if picture and spare > 0 and titled:
            picture.append(line())
            spare -= 1
        picture += [title(group.title, width, glyphs)] if titled else []
        picture += rows[group.name]
    if gone and note:
        words = f"a taller window adds: {', '.join(group.name for group in groups if group.name in gone)}"
        picture.append(line((words if len(words) <= width else f"a taller window adds {len(gone)} groups", "dim")))
    return tuple(picture)
