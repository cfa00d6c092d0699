"""Asks for as little as possible to be drawn.

For each update Textual's compositor has every widget of the screen rendered, cuts the rows at all their borders and
keeps what lies in front; the bare cost of a key is then the number of widgets. This one goes from front to back as
well, but asks a widget only for rows that changed and that nothing before it covers.

It takes the place of the one attribute of Textual's screens that holds a compositor; `test_compositor.py` compares
what both show and fails first should that move.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rich.console import Console
from textual._compositor import Compositor, CompositorUpdate
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

Spans = list[tuple[int, int]]  # columns of one row, from and up to


class Placed(NamedTuple):
    """A strip, and where on the screen it begins."""

    y: int
    x: int
    strip: Strip


class Patch(CompositorUpdate):
    """Parts of the screen that have changed; no two of them overlap."""

    def __init__(self, parts: list[Placed]) -> None:
        self.parts = parts

    def render_segments(self, console: Console) -> str:
        """All of them, as a terminal takes them."""
        return "".join(f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for y, x, strip in self.parts)


class FrugalCompositor(Compositor):
    """Draws what changed, and of that what shows."""

    def render_partial_update(self) -> Patch | None:  # type: ignore[override]
        """The changed parts, None where there are none."""
        screen = self.size.region
        dirty = [part for region in self._dirty_regions if (part := region.intersection(screen))]
        self._dirty_regions.clear()
        missing: dict[int, Spans] = {}
        for y, start, stop in self._regions_to_spans(dirty):
            missing.setdefault(y, []).append((start, stop))
        parts: list[Placed] = []
        for widget, (region, clip) in self.visible_widgets.items():
            if not missing:
                break
            shown = region.intersection(clip)
            if shown:
                parts += _taken(widget, region, shown, missing)
        return Patch(parts) if dirty else None


def _taken(widget: Widget, region: Region, shown: Region, missing: dict[int, Spans]) -> Iterable[Placed]:
    """What `widget`, of which `shown` can be seen, has to give of `missing`, which no longer has it afterwards."""
    left, right = shown.column_span
    wanted: dict[int, Spans] = {}
    for y in shown.line_range if shown.height < len(missing) else list(missing):
        if shown.y <= y < shown.bottom and y in missing:
            here = [(max(a, left), min(b, right)) for a, b in missing[y] if a < right and b > left]
            if here:
                wanted[y] = here
                rest = [
                    part
                    for a, b in missing[y]
                    for part in ((a, min(b, left)), (max(a, right), b))
                    if part[0] < part[1]
                ]
                if rest:
                    missing[y] = rest
                else:
                    del missing[y]
    for first, last in runs(wanted):
        here = [span for y in range(first, last + 1) for span in wanted[y]]
        x, end = min(start for start, _ in here), max(stop for _, stop in here)
        strips = widget.render_lines(Region(x - region.x, first - region.y, end - x, last - first + 1))
        for y, strip in enumerate(strips, first):
            for start, stop in wanted[y]:
                whole = (start, stop) == (x, end)
                yield Placed(y, start, strip if whole else strip.crop(start - x, stop - x))


def runs(rows: Iterable[int]) -> list[tuple[int, int]]:
    """The first and last of each run of neighbouring rows."""
    runs: list[tuple[int, int]] = []
    for y in sorted(rows):
        if runs and runs[-1][1] == y - 1:
            runs[-1] = (runs[-1][0], y)
        else:
            runs.append((y, y))
    return runs
