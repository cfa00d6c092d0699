"""Prints pictures on the terminal through Rich, with the colours that it can show."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.text import Text

from qtui.cli.config import Config
from qtui.cli.terminal import Look, depth, look_of, plain_characters, printed_palette
from qtui.draw.glyphs import ASCII, UNICODE, Glyphs, plain
from qtui.draw.picture import Picture
from qtui.draw.roles import PALETTES
from qtui.draw.safe import safe
from qtui.error import whole_number

SYSTEMS: dict[str, Any] = {"truecolor": "truecolor", "256": "256", "16": "standard", "none": None}


def glyphs_for(look: Look) -> Glyphs:
    """ASCII when asked for or when the output can't encode more, else Unicode."""
    encoding = (sys.stdout.encoding or "").lower()
    return ASCII if plain_characters(look) or "utf" not in encoding else UNICODE


def print_result(
    draw: Callable[[Any, int, Glyphs], Picture], result: Any, args: argparse.Namespace, config: Config
) -> None:
    """Draw `result` as the command line and the configuration say, and print it."""
    print_picture(draw, result, look_of(args, config))


def print_picture(draw: Callable[[Any, int, Glyphs], Picture], result: Any, look: Look) -> None:
    """Draw `result` as wide as the terminal (80 columns in a pipe) and print it.

    A pipe gets no colours unless they are asked for.
    """
    terminal = sys.stdout.isatty()
    colours = depth(look.color, os.environ)
    if look.color == "auto" and (not terminal or os.environ.get("TERM") == "dumb"):
        colours = "none"
    # Written in one piece: Rich would end the program by itself where the reader has gone.
    page = io.StringIO()
    width = _terminal_columns() if terminal else _columns()
    console = Console(
        file=page,
        width=width,
        height=width,  # none is asked for; without one Rich reads COLUMNS and LINES, and numbers only
        color_system=SYSTEMS[colours],
        force_terminal=terminal or colours != "none",
        no_color=colours == "none",
        legacy_windows=False,
        highlight=False,
        soft_wrap=True,
    )
    palette = _roles(printed_palette(look.theme, colours))
    glyphs = glyphs_for(look)
    for row in draw(result, width, glyphs):
        console.print(Text.assemble(*((safe(text), palette[role]) for text, role in row)))
    sys.stdout.write(plain(page.getvalue()) if glyphs is ASCII else page.getvalue())  # the spans are safe


def _roles(palette: str) -> dict[str, str]:
    """A style for every role, of a palette or one of Textual's themes. Raises UserError."""
    if palette in PALETTES:
        return PALETTES[palette]
    from qtui.tui.foreign import theme_roles  # Textual

    return theme_roles(palette)


def _terminal_columns() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except OSError:
        return 80


def _columns() -> int:
    return whole_number(os.environ.get("COLUMNS", "")) or 80
