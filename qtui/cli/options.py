"""The parser of the command line, and the options that every subcommand shares."""

from __future__ import annotations

import argparse
import os
import re
import sys
from typing import Any, NoReturn

from qtui.cli.output import tell, write
from qtui.error import near_matches

DEPTHS = ("auto", "truecolor", "256", "16", "none")
# qtui's own; the terminal's colours on its own background; then Textual's, for the app.
THEMES = (
    *("auto", "dark", "light", "safe", "terminal", "textual-dark", "textual-light", "nord", "gruvbox", "dracula"),
    *("tokyo-night", "monokai", "flexoki", "catppuccin-mocha", "catppuccin-latte", "catppuccin-frappe"),
    *("catppuccin-macchiato", "solarized-light", "solarized-dark", "rose-pine", "rose-pine-moon", "rose-pine-dawn"),
    *("atom-one-dark", "atom-one-light"),
)
MEANT = {
    "--bits": "--size 4.5bpw",
    "--bpw": "--size 4.5bpw",
}  # options of other programs, and qtui's equivalents


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Help as wide as the terminal; argparse makes one for every option, and would look the width up each time."""

    def __init__(self, prog: str, width: int) -> None:
        super().__init__(prog, max_help_position=28, width=width)


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line."""

    def __init__(self, prog: str, description: str, epilog: str | None) -> None:
        width = _columns()
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            formatter_class=lambda prog: Formatter(prog, width),
            allow_abbrev=False,
        )
        # Negative numbers in every spelling (-1e5, -inf, -0x1p3, -1/3) are values, not unknown options.
        self._negative_number_matcher = re.compile(r"^-(\d|\.\d|\(|inf|nan)")

    def error(self, message: str) -> NoReturn:
        """Print what is wrong in one line, with what was probably meant, and leave with status 2."""
        self.exit(2, f"{self.prog}: {message}{self._meant(message)} (see {self.prog} --help)")

    def _meant(self, message: str) -> str:
        """What an option that isn't known, or a value that can't be chosen, comes near."""
        unknown = re.match(r"unrecognized arguments: (--[^\s=]+)", message)
        value = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message)
        if unknown and any(action.metavar == "COMMAND" for action in self._actions):
            return "; write -- before the command"
        if unknown:
            known = [flag for flag in self._option_string_actions if flag.startswith("--")]
            near = MEANT.get(unknown[1], _nearest(unknown[1], known))
            near = near if near.partition(" ")[0] in known else ""
        else:
            near = _nearest(value[1], re.findall(r"[^\s,']+", value[2])) if value else ""
        return f"; did you mean {near}?" if near else ""

    def _print_message(self, message: str, file: Any = None) -> None:
        # Both what is wrong and the help quote what was typed.
        (tell if file is sys.stderr else write)(message.removesuffix("\n"))


def _nearest(text: str, known: list[str]) -> str:
    return next(iter(near_matches(text, known, 1, 0.6)), "")


def _columns() -> int:
    try:
        return min(max(os.get_terminal_size(sys.__stdout__.fileno()).columns - 2, 40), 110) if sys.__stdout__ else 78
    except (OSError, ValueError):
        return 78


def add_look(group: argparse._ArgumentGroup) -> None:
    """Declare the options of the look. Their defaults are None, so that the configuration can fill them."""
    group.add_argument("--color", choices=DEPTHS, help="how many colours to use (auto)")
    words = (
        "dark, light, safe (for colour-blind eyes), terminal (its own colours) or, in the app, nord and such (auto)"
    )
    group.add_argument("--theme", choices=THEMES, metavar="NAME", help=words)
    group.add_argument("--ascii", action="store_true", default=None, help="draw with ASCII only")


def add_app_options(group: argparse._ArgumentGroup) -> None:
    """Declare the options of the app's behaviour."""
    group.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    group.add_argument("--fresh", action="store_true", help="start anew instead of where it was left")
    group.add_argument("--kiosk", action="store_true", help="for strangers: writes nothing, no way to a shell")
    group.add_argument(
        "--kiosk-dir", action="append", default=[], metavar="DIR", help="whose files a kiosk may open (repeat)"
    )
    group.add_argument(
        "--kiosk-idle", type=_minutes, default=10.0, metavar="MINUTES", help="leave when nobody types (10; 0 never)"
    )
    group.add_argument("--lesson-draft", metavar="FILE", default="", help="add what y copies to this lesson")
    group.add_argument("--lead", metavar="SOCKET", default="", help="lead the class at this socket (see qtui teach)")
    group.add_argument("--follow", metavar="SOCKET", default="", help="follow the class at this socket")


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1
    if not 0 <= minutes < 1e6:
        raise argparse.ArgumentTypeError(f"a number of minutes such as 10, not {text!r}")
    return minutes
