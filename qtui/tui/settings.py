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
    kiosk: bool = False  # for strangers: nothing is written, and no way leads out of the app
    idle: float = 0  # seconds without a key after which the app leaves; 0 for never
    pane: str = ""  # the pane to open on; "" for the one that was left
    machine: str = ""  # the machine that memory is compared with, where a scenario leaves it open

    @property
    def glyphs(self) -> Glyphs:
        """The characters to draw with."""
        return ASCII if self.ascii else UNICODE
