"""Any theme of Textual's by name: every role can be read on its background, and the series differ."""

import pytest
from rich.style import Style
from textual.color import Color

from qtui.cli.main import run
from qtui.cli.options import THEMES
from qtui.cli.terminal import palette, printed_palette
from qtui.draw.roles import BACKGROUNDS, PALETTES, ROLES
from qtui.scenario.bits.scenario import BitsScenario
from qtui.tui.app import QtuiApp
from qtui.tui.foreign import LEAST_CONTRAST, contrast, foreign_names, readable, theme_roles
from qtui.tui.host import Settings
from qtui.tui.themes import scheme_of
from tests.support.screens import screen_text, settle

OURS = tuple(name for name in PALETTES if BACKGROUNDS[name][0].startswith("#"))


@pytest.mark.parametrize("name", [*OURS, *foreign_names()])
def test_every_role_can_be_read(name: str) -> None:
    scheme = scheme_of(name)
    background = Color.parse(scheme.background)
    assert set(scheme.roles) == set(ROLES)
    for role, style in scheme.roles.items():
        colour = Style.parse(style).color
        shown = Color.parse(colour.name if colour is not None else scheme.foreground)
        if not role.startswith(("fill", "over")):  # bars and marks on them, no text
            assert contrast(shown, background) >= LEAST_CONTRAST, role
    fill = Color.parse(scheme.roles["fill1"])
    assert contrast(fill, background) >= 1.4
    for role in ("over2", "over3", "over4", "over5", "over6"):
        mark, _, ground = scheme.roles[role].partition(" on ")
        assert Color.parse(ground) == fill and contrast(Color.parse(mark), fill) >= 2, role
    assert len({scheme.roles[f"series{number}"] for number in range(1, 7)}) == 6
    assert contrast(Color.parse(scheme.foreground), Color.parse(scheme.field)) >= LEAST_CONTRAST


def test_a_colour_that_can_be_read_stays() -> None:
    black, white, grey = Color(0, 0, 0), Color(255, 255, 255), Color(120, 120, 120)
    assert contrast(black, white) == pytest.approx(21) and readable(white, black) == white
    assert contrast(readable(grey, Color(100, 100, 100)), Color(100, 100, 100)) >= LEAST_CONTRAST
    assert readable(black, black) != black


async def test_the_app_in_a_theme_of_textuals_and_changed_to_another() -> None:
    app = QtuiApp(BitsScenario(), Settings(theme="nord"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert app.theme == "qtui-nord" and app.screen.background_colors[1].hex == "#2E3440"
        names = [name for name, _ in app.appearance.on_offer]
        assert {"dark", "terminal", "gruvbox", "solarized-light"} <= set(names)
        for name, background in (("solarized-light", "#FDF6E3"), ("dark", "#121212")):
            app.appearance.change(name)
            await settle(pilot)
            assert app.screen.background_colors[1].hex == background and "[2 Bits]" in screen_text(app)


def test_names_of_themes() -> None:
    assert {*THEMES} == {"auto", "dark", "light", "safe", "terminal", *foreign_names()}
    assert palette("nord", "truecolor", {}) == "nord" and palette("nord", "16", {}) == "ansi-dark"
    assert palette("nord", "none", {}) == "none" and palette("terminal", "256", {}) == "ansi"
    assert printed_palette("nord", "truecolor") == "nord" and printed_palette("light", "16") == "ansi-light"
    assert {printed_palette("auto", "256"), printed_palette("terminal", "256"), printed_palette("nord", "16")} == {
        "ansi"
    }


def test_a_theme_of_textuals_is_printed_in_its_colours(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bits", "0.1", "--theme", "nord", "--color", "truecolor"]) == 0
    red, green, blue = Color.parse(theme_roles("nord")["warn"]).rgb
    assert f"\x1b[38;2;{red};{green};{blue}m" in capsys.readouterr().out
