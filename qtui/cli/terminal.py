"""What the terminal can show, and what Textual reads from the environment when it is imported.

Everything here runs before Textual is imported, and needs only the standard library.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from qtui.cli.config import Config

# Over SSH only TERM arrives, not COLORTERM. Terminals of these names have 24-bit colour.
TRUECOLOR_TERMS = ("alacritty", "contour", "foot", "wezterm", "xterm-ghostty", "xterm-kitty")
# Terminals that have no colour, as terminfo knows them.
COLOURLESS_TERMS = ("vt", "ansi-m", "linux-m", "xterm-mono")

OWN_THEMES = ("dark", "light", "safe")


class Look(NamedTuple):
    """How output looks: colours, theme, characters."""

    color: str = "auto"
    theme: str = "auto"
    ascii: bool = False


def look_of(args: argparse.Namespace, config: Config) -> Look:
    """How output looks: as the command line says, else as the configuration does."""
    return Look(
        color=args.color or config.color,
        theme=args.theme or config.theme,
        ascii=bool(args.ascii or config.ascii),
    )


def depth(asked: str, environment: MutableMapping[str, str]) -> str:
    """How many colours: truecolor, 256, 16 or none. `asked` is a choice of `--color`; "auto" is for this to find."""
    if asked != "auto":
        return asked
    if environment.get("NO_COLOR"):  # no-color.org: set, and not empty
        return "none"
    term = environment.get("TERM", "").lower()
    named = environment.get("COLORTERM", "").lower() in ("truecolor", "24bit")
    if named or in_browser(environment) or "WT_SESSION" in environment:  # the last is Windows Terminal's
        return "truecolor"
    if term.startswith(TRUECOLOR_TERMS) or term.endswith("-direct"):
        return "truecolor"
    if term.startswith(COLOURLESS_TERMS):
        return "none"
    return "256" if "256color" in term else "16"


def palette(theme: str, colours: str, environment: MutableMapping[str, str]) -> str:
    """The palette of `qtui.draw.roles` that the app uses with `theme` at the depth `colours`."""
    if colours == "none":
        return "none"
    if theme == "terminal":
        return "ansi"
    known = theme in OWN_THEMES
    if theme == "auto" or (colours == "16" and not known):
        theme = "light" if _light_background(environment) else "dark"
    return f"ansi-{theme}" if colours == "16" else theme


def printed_palette(theme: str, colours: str) -> str:
    """The palette for printing, where the background is the terminal's own and not known; or a theme of Textual's."""
    if colours == "none":
        return "none"
    if theme in ("auto", "terminal") or (colours == "16" and theme not in OWN_THEMES):
        return "ansi"
    return f"ansi-{theme}" if colours == "16" else theme


def _light_background(environment: MutableMapping[str, str]) -> bool:
    # Set by rxvt, Konsole and others as "foreground;background" in the 16 colours.
    background = environment.get("COLORFGBG", "").rpartition(";")[2]
    return background in ("7", "15")


def plain_characters(look: Look) -> bool:
    """Whether to draw in ASCII: asked for, or the locale can't encode more."""
    import locale

    return look.ascii or _plain_locale(os.environ) or "utf" not in locale.getpreferredencoding(False).lower()


def _plain_locale(environment: Mapping[str, str]) -> bool:
    """Whether the person's locale is C or POSIX by name.

    Python takes UTF-8 there all the same (PEP 538 and 540), and where it coerces LANG=C it sets LC_CTYPE itself.
    """
    names = [environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    if not names[0] and names[1] == "C.UTF-8":
        names[1] = ""
    return next((name for name in names if name), "") in ("C", "POSIX")


def in_browser(environment: Mapping[str, str]) -> bool:
    """Whether `textual serve` runs the app: its pipes stand for a terminal with every colour."""
    return "TEXTUAL_DRIVER" in environment


def prepare_environment(environment: MutableMapping[str, str], colours: str) -> None:
    """Set what Textual reads at import, and remove what would mislead it."""
    environment.setdefault("TEXTUAL_ANIMATIONS", "none")
    if in_browser(environment):
        return
    # Exported sizes would keep the app from ever seeing a resize.
    for name in ("COLUMNS", "LINES"):
        environment.pop(name, None)
    environment["TEXTUAL_COLOR_SYSTEM"] = {"16": "standard", "none": "standard"}.get(colours, colours)
    # NO_COLOR makes Textual grey, which still is colour; only with an ansi theme does it leave all colours out.
    environment.pop("NO_COLOR", None)
    if colours == "none":
        environment.update({"NO_COLOR": "1", "TEXTUAL_THEME": "ansi-dark"})
    # After a dropped connection the kitty key protocol would leave the person's shell unusable.
    if "SSH_CONNECTION" in environment:
        environment.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
