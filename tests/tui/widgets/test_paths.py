"""What is suggested behind a path that is being typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.tui.app import QtuiApp
from qtui.tui.host import Settings
from qtui.tui.widgets import paths
from qtui.tui.widgets.entry import Entry
from qtui.tui.widgets.paths import PathSuggester, completion
from tests.support.screens import screen_text, settle


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with models, other files and folders."""
    (tmp_path / "models" / "small").mkdir(parents=True)
    (tmp_path / ".hidden").mkdir()
    for name in ("models/b.gguf", "models/a.safetensors", "models/notes.txt"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_folders_and_model_files_are_completed(folder: Path) -> None:
    assert completion("mo") == "models/" and completion(f"{folder}/mo") == f"{folder}/models/"
    assert completion("models/") == "models/a.safetensors" and completion("models/b") == "models/b.gguf"
    assert completion("models/s") == "models/small/"
    assert completion("") == "models/" and completion(".h") == ".hidden/"
    for typed in ("models/n", "nowhere/", "models/b.gguf/", "a\0", "~nobody-of-that-name/"):
        assert completion(typed) is None


def test_a_home_directory_stays_as_it_was_typed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    assert completion("~/mo") == "~/models/"


async def test_names_of_models_are_no_paths(folder: Path) -> None:
    assert await PathSuggester(bare=False).get_suggestion("mo") is None
    assert await PathSuggester(bare=False).get_suggestion("./mo") == "./models/"
    assert await PathSuggester(bare=True).get_suggestion("mo") == "models/"


async def test_one_folder_is_read_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    suggester = PathSuggester(bare=True)

    async def late(read: object, typed: str) -> str | None:
        return typed if typed == "second" else await suggester.get_suggestion("second")

    monkeypatch.setattr(paths.asyncio, "to_thread", late)
    assert await suggester.get_suggestion("first") is None, "the second was asked for while the first was read"
    assert await suggester.get_suggestion("second") == "second", "and the first one has been read"


async def test_tab_takes_it_and_escape_goes_back_to_the_picture(folder: Path) -> None:
    app = QtuiApp(ErrorsScenario(count=256))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("o", "m", "o")
        await settle(pilot)
        field = app.query_one("#field-path", Entry)
        assert field.value == "mo" and "file models/" in screen_text(app)
        await pilot.press("tab")
        await settle(pilot)
        assert field.value == "models/" and app.focused is field
        await pilot.press("escape")
        await settle(pilot)
        assert app.focused is app.pane.view_widget and "numbers 256" in screen_text(app)


async def test_a_stranger_is_told_no_names(folder: Path) -> None:
    app = QtuiApp(ErrorsScenario(count=256), Settings(kiosk=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("o", "m", "o")
        await settle(pilot)
        assert "file mo\n" in screen_text(app) and "models" not in screen_text(app)
