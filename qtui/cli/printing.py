"""Prints pictures on the terminal through Rich, with the colours that it can show."""

from __future__ import annotations

import locale
import os
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.text import Text

from qtui.draw.glyphs import ASCII, UNICODE, Glyphs
from qtui.draw.picture import Picture
from qtui.draw.roles import PALETTES


def glyphs_for(ascii_only: bool) -> Glyphs:
    """ASCII when asked for or when the locale can't encode more, else Unicode."""
    if ascii_only or "utf" not in locale.getpreferredencoding(False).lower():
        return ASCII
    return UNICODE


def print_picture(draw: Callable[[Any, int, Glyphs], Picture], result: Any, ascii_only: bool = False) -> None:
    """Draw `result` as wide as the terminal (80 columns in a pipe) and print it."""
    console = Console(highlight=False, soft_wrap=True)
    palette = PALETTES["none" if "NO_COLOR" in os.environ or not console.color_system else "ansi"]
    width = console.width if console.is_terminal else int(os.environ.get("COLUMNS", "80") or 80)
    for row in draw(result, width, glyphs_for(ascii_only)):
        console.print(Text.assemble(*((text, palette[role]) for text, role in row)))
