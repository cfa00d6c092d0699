"""Writing a lesson from the app: what is on show becomes a step of a file, which keeps all that it had."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from qtui.cli.main import run
from qtui.scenario.base import Scenario
from qtui.scenario.bits.scenario import BitsScenario
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.tour.load import load_lesson
from qtui.scenario.tour.scenario import TourScenario
from qtui.scenario.welcome.scenario import WelcomeScenario
from qtui.tui.app import QtuiApp
from qtui.tui.host import Settings
from tests.support.screens import press, screen_text, settle

MINE = '# mine\ntitle = "Mine"\n\n[[step]]\nid = "a"\ntitle = "A"\nkind = "look"\ntext = "x\\ny"\nshow = "bits 2"\n'


@asynccontextmanager
async def on(scenario: Scenario, draft: str = "", kiosk: bool = False) -> AsyncIterator[Pilot[int]]:
    app = QtuiApp(scenario, Settings(draft=draft, kiosk=kiosk))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        yield pilot


async def test_what_is_copied_is_added_to_the_lesson_that_is_being_written(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    async with on(BitsScenario(value="1.5", format="float16"), str(path)) as pilot:
        assert "added to lesson mine.toml: step-1; `qtui tour --check mine.toml`" in await press(pilot, "y")
        assert "step-2" in await press(pilot, "space", "y")
        assert pilot.app.copied == "qtui bits --format float16 --tui -- -1.5"  # type: ignore[attr-defined]
    assert path.read_text().startswith(MINE)
    shows = [step.show for step in load_lesson(str(path)).steps]
    assert shows == ["bits 2", "bits --format float16", "bits --format float16 -- -1.5"]
    assert list(tmp_path.iterdir()) == [path]


async def test_a_dialog_asks_for_the_file_and_the_copying_key_adds_from_then_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    async with on(TourScenario(step=1)) as pilot:
        assert "which file?" in await press(pilot, "backslash")
        assert "which file?" not in await press(pilot, "escape")
        assert not (tmp_path / "new.toml").exists()
        shown = await press(pilot, "backslash", *"new", "full_stop", *"toml", "enter")
        assert "added to lesson new.toml: step-1" in shown
        assert "step-2" in await press(pilot, "y")
    first, second = load_lesson("new.toml").steps
    assert first.show == second.show == load_lesson("").steps[0].show


async def test_what_is_no_lesson_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("eggs, milk\n")
    async with on(BitsScenario(), str(path)) as pilot:
        assert "notes.txt:1: it is not TOML" in await press(pilot, "y")
    assert path.read_text() == "eggs, milk\n"


async def test_what_can_not_be_shown_is_not_added(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    async with on(MemoryScenario(model=("nosuchmodel",)), str(path)) as pilot:
        assert "not added to lesson mine.toml: no model" in await press(pilot, "y")
    async with on(WelcomeScenario(), str(path)) as pilot:
        assert "not added to lesson mine.toml: a step shows a pane" in await press(pilot, "y")
    assert not path.exists()


async def test_a_kiosk_writes_no_lesson(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with on(BitsScenario(), kiosk=True) as pilot:
        assert "which file?" not in await press(pilot, "backslash")
        assert "kiosk" in screen_text(pilot.app)
    assert run(["--kiosk", "--lesson-draft", str(tmp_path / "x.toml")]) == 2
    assert "--lesson-draft writes a file" in capsys.readouterr().err
