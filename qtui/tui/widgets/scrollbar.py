"""A scrollbar in whole cells, told by reverse video alone: fewer bytes, and drawn in no time."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.geometry import Region
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip


class WholeCells(ScrollBarRender):
    """A bar without fractions of a cell."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


class Bar(ScrollBar):
    """A vertical scrollbar that asks for the style of its three parts once, and not of every row."""

    renderer = WholeCells

    def render_lines(self, crop: Region) -> list[Strip]:
        """Its rows."""
        height = self.size.height
        console, options = self.app.console, self.app.console_options.update_dimensions(1, height)
        base, background = self.rich_style, self.background_colors[1]
        filters = self.get_line_filters()
        strips: dict[int, Strip] = {}
        rows: list[Strip] = []
        for part in console.render(self.render(), options):
            if part.text == "\n":
                continue
            if id(part.style) not in strips:
                shown = [Segment(part.text, base + part.style)]
                for mask in filters:
                    shown = mask.apply(shown, background)
                strips[id(part.style)] = Strip(shown, 1)
            rows.append(strips[id(part.style)])
        return rows[crop.y : crop.bottom]
