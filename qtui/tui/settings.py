"""What the person asked of the app as a whole: how to draw, not what to compute."""

from __future__ import annotations

from dataclasses import dataclass

from qtui.draw.glyphs import ASCII, UNICODE, Glyphs


@dataclass(frozen=True)
class Settings:
    """Choices for one run of the app."""

    theme: str = "dark"  # a palette of qtui.draw.roles
    ascii: bool = False
    mouse: bool = True

    @property
    def glyphs(self) -> Glyphs:
        """The characters to draw with."""
        return ASCII if self.ascii else UNICODE
