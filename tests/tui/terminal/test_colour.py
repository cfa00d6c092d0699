"""Colours by terminal: as many as it has, none when none are wanted, and nothing message by colour alone."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from rich._palettes import EIGHT_BIT_PALETTE
from rich.color import ColorSystem
from rich.style import Style

from qtui.cli.terminal import depth, palette, prepare_environment
from qtui.draw.roles import BACKGROUNDS, PALETTES, ROLES
from tests.support.harness import PERSONAS, ROOT, Terminal

STUB = [sys.executable, str(ROOT / "tests/support/stub.py"), "plain"]
SGR = re.compile(rb"\x1b\[([\d;]*)m")


def colours_in(output: bytes) -> set[str]:
    """What kinds of colour the output's SGR sequences ask for: default, 16, 256, truecolor."""
    kinds = set()
    for codes in SGR.findall(output):
        numbers = [int(code or 0) for code in codes.decode().split(";")]
        while numbers:
            code = numbers.pop(0)
            if code in (38, 48):
                kinds.add("truecolor" if numbers[0] == 2 else "256")
                del numbers[: 4 if numbers[0] == 2 else 2]
            elif code in (39, 49):
                kinds.add("default")
            elif 30 <= code <= 47 or 90 <= code <= 107:
                kinds.add("16")
    return kinds


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "xterm-kitty"}, "truecolor"),
        ({"TERM": "xterm"}, "16"),
        ({"TERM": "screen"}, "16"),
        ({"TERM": "tmux-256color"}, "256"),
        ({"TERM": "vt220"}, "none"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "none"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, "256"),
    ],
)
def test_depth_follows_the_terminal(environment: dict[str, str], expected: str) -> None:
    assert depth("auto", environment) == expected
    assert depth("16", environment) == "16"


def test_a_light_terminal_that_says_so_gets_the_light_theme() -> None:
    assert palette("auto", "256", {"COLORFGBG": "0;15"}) == "light"
    assert palette("auto", "16", {"COLORFGBG": "15;0"}) == "ansi-dark"
    assert palette("safe", "truecolor", {}) == "safe"


@pytest.mark.parametrize(
    ("options", "env", "kinds"),
    [
        (["--color", "truecolor"], {}, {"truecolor"}),
        (["--color", "256"], {}, {"256"}),
        (["--color", "16"], {}, {"16"}),
        (["--color", "16", "--theme", "light"], {}, {"16"}),
        ([], {"NO_COLOR": "1"}, {"default"}),
        (["--color", "none"], {}, {"default"}),
    ],
)
def test_the_app_sends_no_other_colours(options: list[str], env: dict[str, str], kinds: set[str]) -> None:
    with Terminal([*STUB, *options], env=env) as terminal:
        terminal.wait_for("result hello")
        for key in ("tab", "enter", "escape", "ctrl+p", "escape", "?", "escape", "shift+tab", "enter"):
            terminal.press(key)
            terminal.settle()
        assert colours_in(terminal.output) - {"default"} == kinds - {"default"}


@pytest.mark.parametrize("colours", ["truecolor", "256", "16", "none"])
def test_the_keyboard_is_shown_by_reverse_video(colours: str) -> None:
    with Terminal([*STUB, "--color", colours]) as terminal:
        terminal.wait_for("result hello")
        shown = []
        for key in ("", "tab", "tab"):
            terminal.press(key)
            terminal.settle()
            terminal.text()
            rows = terminal.screen.buffer
            shown.append([(x, y) for y in range(24) for x in range(80) if rows[y][x].reverse])
        assert all(shown) and len({str(cells) for cells in shown}) == 3
        terminal.press("ctrl+p")
        terminal.wait_for("Go to Stub")
        marked = next(y for y, row in enumerate(terminal.text().splitlines()) if "as it was left" in row)
        assert terminal.screen.buffer[marked][4].reverse


@pytest.mark.parametrize(
    "env", [{}, {"LC_ALL": "C"}, {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]
)
def test_ascii_alone_where_it_is_asked_for_or_all_there_is(env: dict[str, str]) -> None:
    with Terminal([*STUB, *([] if env else ["--ascii"])], env=env) as terminal:
        terminal.wait_for("result hello")
        for key in ("?", "escape", "ctrl+p", "escape", "enter", "escape"):
            terminal.press(key)
            terminal.settle()
        assert terminal.output.isascii()


def test_a_dumb_terminal_is_refused_in_one_line() -> None:
    with Terminal([sys.executable, "-m", "qtui"], persona="dumb") as terminal:
        assert terminal.wait_end() == 2
        message = terminal.text().replace("\n", "")
        assert "TERM=dumb" in message and "qtui mem" in message and b"\x1b" not in terminal.output


def test_no_mouse_leaves_the_mouse_alone() -> None:
    with Terminal([*STUB, "--no-mouse"]) as terminal:
        terminal.wait_for("result hello")
        assert not terminal.modes_left_on() & {"1000", "1002", "1003", "1006", "1015", "1016"}


def test_over_ssh_the_kitty_keys_stay_off() -> None:
    with Terminal(STUB, persona="ssh") as terminal:
        terminal.wait_for("result hello")
        assert "kitty" not in terminal.modes_left_on()


def test_printing_has_colours_on_a_terminal_and_none_in_a_pipe() -> None:
    command = [sys.executable, "-m", "qtui", "formats", "q4"]
    with Terminal(command, persona="ssh") as terminal:
        assert terminal.wait_end() == 0
        assert colours_in(terminal.output) == {"16"} or b"\x1b[2m" in terminal.output
    env = PERSONAS["modern"] | {"PATH": "", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    piped = subprocess.run(command, capture_output=True, env=env, check=True)
    assert b"\x1b" not in piped.stdout
    forced = subprocess.run([*command, "--color", "16"], capture_output=True, env=env, check=True)
    assert b"\x1b[" in forced.stdout


# Contrast, after the Web Content Accessibility Guidelines: 4.5 to 1 for text, 3 to 1 for what is merely seen.

Triplet = tuple[int, int, int]
TEXT = tuple(role for role in ROLES if not role.startswith(("fill", "over")))  # the rest are bars


def luminance(colour: Triplet) -> float:
    parts = [c / 255 / 12.92 if c / 255 <= 0.03928 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Triplet, other: Triplet) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["dark", "light", "safe"])
def test_every_role_is_readable_in_truecolor_and_in_256(name: str) -> None:
    ground = Style.parse(BACKGROUNDS[name][0]).color
    assert ground is not None
    for role in TEXT:
        colour = Style.parse(PALETTES[name][role]).color
        if colour is None:
            continue
        assert contrast(colour.get_truecolor(), ground.get_truecolor()) >= 4.5, role
        few = [EIGHT_BIT_PALETTE[c.downgrade(ColorSystem.EIGHT_BIT).number or 0] for c in (colour, ground)]
        assert contrast(*few) >= 4.4, role


XTERM = {
    "black": (0, 0, 0), "red": (205, 0, 0), "green": (0, 205, 0), "yellow": (205, 205, 0), "blue": (0, 0, 238),
    "magenta": (205, 0, 205), "cyan": (0, 205, 205), "white": (229, 229, 229), "bright_black": (127, 127, 127),
    "bright_red": (255, 0, 0), "bright_magenta": (255, 0, 255), "bright_cyan": (0, 255, 255),
    "bright_yellow": (255, 255, 0), "bright_white": (255, 255, 255),
}  # fmt: skip
VGA = {
    "black": (0, 0, 0), "red": (170, 0, 0), "green": (0, 170, 0), "yellow": (170, 85, 0), "blue": (0, 0, 170),
    "magenta": (170, 0, 170), "cyan": (0, 170, 170), "white": (170, 170, 170), "bright_black": (85, 85, 85),
    "bright_red": (255, 85, 85), "bright_magenta": (255, 85, 255), "bright_cyan": (85, 255, 255),
    "bright_yellow": (255, 255, 85), "bright_white": (255, 255, 255),
}  # fmt: skip


@pytest.mark.parametrize("name", ["ansi-dark", "ansi-light", "ansi-safe"])
@pytest.mark.parametrize(("shown", "least"), [(XTERM, 3.5), (VGA, 3.9)], ids=["xterm", "vga"])
def test_sixteen_colours_are_readable_in_usual_palettes(name: str, shown: dict[str, Triplet], least: float) -> None:
    ground = shown[BACKGROUNDS[name][0].removeprefix("ansi_")]
    for role in TEXT:
        style = Style.parse(PALETTES[name][role])
        assert not style.dim, role
        assert style.color is None or contrast(shown[style.color.name], ground) >= least, role
    dim = Style.parse(PALETTES[name]["dim"]).color
    assert dim is not None and contrast(VGA[dim.name], VGA[BACKGROUNDS[name][0].removeprefix("ansi_")]) >= 4.5


@pytest.mark.parametrize("name", list(PALETTES))
def test_palettes_have_every_role_and_none_has_no_colour(name: str) -> None:
    assert set(PALETTES[name]) == set(ROLES) and name in BACKGROUNDS
    styles = [Style.parse(style) for style in PALETTES[name].values()]
    if name == "none":
        assert not any(style.color or style.bgcolor for style in styles)


def test_in_a_browser_the_environment_is_the_servers() -> None:
    environment = {"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver", "COLUMNS": "100", "TERM": "dumb"}
    assert depth("auto", environment) == "truecolor"
    prepare_environment(environment, "truecolor")
    assert environment["COLUMNS"] == "100" and "TEXTUAL_COLOR_SYSTEM" not in environment


def test_sizes_that_the_shell_exports_do_not_freeze_the_app() -> None:
    with Terminal(STUB, env={"COLUMNS": "80", "LINES": "24"}, columns=90, rows=20) as terminal:
        terminal.wait_for("90x")
        terminal.resize(70, 19)
        terminal.wait_for("70x")
