"""The welcome: when it opens, what its doors lead to, and that it fits every window."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.geometry import Region
from textual.strip import Strip

from qtui.draw.glyphs import ASCII, UNICODE
from qtui.draw.picture import text, width
from qtui.draw.welcome.pane import door_at, doors, welcome
from qtui.scenario.base import Scenario
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.progress import Progress
from qtui.scenario.welcome.files import files_here
from qtui.scenario.welcome.result import WelcomeResult
from qtui.scenario.welcome.scenario import LARGE, WelcomeScenario
from qtui.scenario.welcome.solve import solve
from qtui.tui.app import QtuiApp
from qtui.tui.host import Settings
from qtui.tui.panes.welcome.files import inside
from qtui.tui.panes.welcome.pane import Doors
from qtui.tui.session import Session
from tests.support.screens import press, screen_text, settle

SIZES = ((60, 15), (80, 21), (120, 37), (160, 45))  # what the frame leaves of 60x18, 80x24, 120x40, 160x48


@pytest.fixture(scope="module")
def result() -> WelcomeResult:
    return solve(WelcomeScenario(machine="RTX 4090", files=False))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("known", [True, False])
def test_it_fits_every_window_and_shows_more_in_a_larger_one(
    result: WelcomeResult, size: tuple[int, int], known: bool
) -> None:
    shown = result if known else None
    columns, rows = size
    for glyphs in (UNICODE, ASCII):
        picture = welcome(shown, doors(shown, ""), 0, columns, rows, glyphs)
        assert len(picture) <= rows and max(map(width, picture)) <= columns
        page = text(picture)
        assert all(title in page for title in ("L  Learn", "F  Does it fit?", "O  Look inside a file"))
        assert "See why language models are large" in page
    if known:
        assert f"the tour: {result.tour_steps} steps" in page and "fits in" in page
        assert (LARGE in page) == (columns >= 80)
        assert ("Words that you will meet" in page) == (columns >= 120)
        filled = sum(bool(row) for row in picture)
        assert columns < 160 or filled >= 0.86 * rows
        assert ("What runs well here" in page) == (columns >= 120)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_jumps_when_answers_come(result: WelcomeResult, size: tuple[int, int]) -> None:
    nothing_near = replace(result, files=(), complete=True)
    places = []
    for known in (None, replace(nothing_near, fit=None, complete=False), nothing_near):
        rows = text(welcome(known, doors(known, ""), 0, *size, UNICODE)).splitlines()
        marks = ("L  Learn", "F  Does it fit?", "fewer and fewer bits", "The panes", "Words that you will meet")
        places.append([(y, mark) for mark in marks for y, row in enumerate(rows) if mark in row])
    assert places[0] == places[1] == places[2]


def test_a_click_opens_the_door_it_is_on(result: WelcomeResult) -> None:
    ways = doors(result, "")
    for columns, rows in SIZES:
        picture = welcome(result, ways, 0, columns, rows, UNICODE)
        lines = text(picture).splitlines()
        for number, way in enumerate(ways):
            y = next(y for y, row in enumerate(lines) if f"{way.key}  {way.title}" in row)
            assert door_at(ways, picture, columns, 5, y) == number
        assert door_at(ways, picture, columns, 5, 0) is None
        assert door_at(ways, picture, columns, columns - 1, 8) is None or columns < 120


async def opened_by(session: Session | None, settings: Settings, *keys: str) -> tuple[Scenario, str]:
    """What the app shows after some keys, and its screen."""
    app = QtuiApp(None, settings, session)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        shown = await press(pilot, *keys) if keys else screen_text(app)
        assert app.pane is not None
        return app.pane.scenario, shown


FIRST = Settings(welcome=True, machine="RTX 4090")


@pytest.fixture(autouse=True)
def nothing_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, result: WelcomeResult) -> None:
    """A working folder without model files, a home without caches, and what fits known beforehand."""

    def solved(scenario: WelcomeScenario, progress: Progress, grow: Callable[[WelcomeResult], None]) -> WelcomeResult:
        grow(replace(result, scenario=scenario, complete=False))
        files = files_here(scenario.folder) if scenario.files else ()
        return replace(result, scenario=scenario, files=files)

    monkeypatch.setattr("qtui.scenario.welcome.solve.solve", solved)
    for name in ("XDG_STATE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("HF_HUB_CACHE", "HF_HOME", "OLLAMA_MODELS", "LLAMA_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


async def test_the_first_start_is_welcomed_and_later_ones_are_not() -> None:
    shown, screen = await opened_by(Session(), FIRST)
    assert shown == WelcomeScenario("RTX 4090")
    assert "gemma" in screen and "[" not in screen.splitlines()[0]
    assert (await opened_by(Session("welcome"), FIRST))[0].command == "welcome"
    assert (await opened_by(Session("bits"), FIRST))[0].command == "bits"
    assert (await opened_by(Session(), Settings(welcome=True, pane="errors")))[0].command == "errors"


async def test_its_doors() -> None:
    assert (await opened_by(Session(), FIRST, "L"))[0].command == "tour"
    fits, _ = await opened_by(Session(), FIRST, "F")
    assert isinstance(fits, MemoryScenario) and fits.machine == "RTX 4090"
    assert fits.model[0].endswith(f",{LARGE}")
    assert (await opened_by(Session(), FIRST, "down", "enter"))[0] == fits
    assert (await opened_by(Session(), FIRST, "2"))[0].command == "bits"
    alone, _ = await opened_by(Session(), FIRST, "1")  # what the door names, without the large one
    assert alone == replace(fits, model=(fits.model[0].removesuffix(f",{LARGE}"),), view="plans")


async def test_a_door_waits_for_what_is_behind_it(monkeypatch: pytest.MonkeyPatch, result: WelcomeResult) -> None:
    known = threading.Event()

    def solved(scenario: WelcomeScenario, progress: Progress, grow: Callable[[WelcomeResult], None]) -> WelcomeResult:
        known.wait(60)
        return replace(result, scenario=scenario)

    monkeypatch.setattr("qtui.scenario.welcome.solve.solve", solved)
    app = QtuiApp(None, FIRST, Session())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("F")
        await pilot.pause()
        assert app.pane is not None and app.pane.scenario.command == "welcome"
        assert "then it opens" in screen_text(app)
        known.set()
        await settle(pilot)
        assert app.pane.scenario == result.memory


async def test_looking_inside_takes_a_path_and_lists_what_is_here(tmp_path: Path) -> None:
    (tmp_path / "small.gguf").write_bytes(b"GGUF")
    _, screen = await opened_by(Session(), FIRST, "o")
    assert "small.gguf" in screen and "this folder" in screen
    scenario, _ = await opened_by(Session(), FIRST, "O", "enter")
    assert scenario == ErrorsScenario(path="small.gguf", view="browse")
    typed = os.path.join(".", "none.gguf")
    scenario, screen = await opened_by(Session(), FIRST, "O", *typed, "enter")
    assert scenario == ErrorsScenario(path=typed, view="browse")
    assert "none.gguf" in screen
    assert inside("a/config.json") == MemoryScenario(model=("a/config.json",))


async def test_a_kiosk_opens_files_only_where_it_may(tmp_path: Path) -> None:
    (tmp_path / "secret.gguf").write_bytes(b"GGUF")
    closed = Settings(welcome=True, kiosk=True, machine="RTX 4090")
    scenario, screen = await opened_by(None, closed, "O")
    assert scenario.command == "welcome" and "a kiosk opens no files" in screen and "secret" not in screen
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "offered.gguf").write_bytes(b"GGUF")
    some = Settings(welcome=True, kiosk=True, machine="RTX 4090", folders=(str(shared),))
    _, screen = await opened_by(None, some, "O")
    assert "offered.gguf" in screen and "secret" not in screen


async def test_what_fits_is_worked_out_once_the_first_frame_is_shown(
    monkeypatch: pytest.MonkeyPatch, result: WelcomeResult
) -> None:
    order: list[str] = []
    drawn = Doors.render_lines

    def render_lines(self: Doors, crop: Region) -> list[Strip]:
        order.append("drawn")
        return drawn(self, crop)

    def solved(scenario: WelcomeScenario, progress: Progress, grow: object) -> WelcomeResult:
        order.append("solved")
        return replace(result, scenario=scenario)

    monkeypatch.setattr(Doors, "render_lines", render_lines)
    monkeypatch.setattr("qtui.scenario.welcome.solve.solve", solved)
    await opened_by(Session(), FIRST)
    assert order[0] == "drawn" and order.count("solved") == 1
