"""The app in a kiosk, in a terminal."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from tests.support.harness import ROOT, Terminal, homes
from tests.support.monkey import write_model

STUB = [sys.executable, str(ROOT / "tests/support/stub.py")]


def test_the_app_in_a_kiosk(tmp_path: Path) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)}
    with Terminal([*STUB, "plain", "--kiosk"], env=env, cwd=tmp_path) as terminal:
        terminal.wait_for("result hello")
        for key in ("s", "ctrl+z"):
            terminal.press(key)
            terminal.wait_for("not in a kiosk")
            terminal.press("right", "left")  # so that the line is said anew
            terminal.settle()
        terminal.kill(signal.SIGTSTP)
        terminal.press("ctrl+p")
        shown = terminal.wait_for("Copy as command")
        assert "Save" not in shown and "Suspend" not in shown
        terminal.press("escape")
        terminal.settle()
        terminal.press("q")
        assert terminal.wait_end() == 0
    assert not list(tmp_path.iterdir())


def test_a_crash_in_a_kiosk_writes_nothing(tmp_path: Path) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)}
    with Terminal([*STUB, "crash", "--kiosk"], env=env) as terminal:
        assert terminal.wait_end() == 1
        assert "ZeroDivisionError" in terminal.text()
    assert not list(tmp_path.iterdir())


def test_it_leaves_when_nobody_types(tmp_path: Path) -> None:
    env = homes(tmp_path)
    with Terminal([*STUB, "plain", "--kiosk", "--kiosk-idle", "0.02"], env=env) as terminal:
        terminal.wait_for("still there?")
        assert terminal.wait_end() == 0
        assert "nobody typed" in terminal.text() and not terminal.modes_left_on()


@pytest.mark.parametrize("options", [["--kiosk-dir", "/tmp"], ["--kiosk", "--kiosk-dir", "/proc/none"]])
def test_wrong_options_are_told(options: list[str]) -> None:
    with Terminal([sys.executable, "-m", "qtui", *options]) as terminal:
        assert terminal.wait_end() == 2
        assert "--kiosk-dir" in terminal.text()


def test_it_measures_the_files_of_its_folders_and_no_others(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    write_model(folder / "m.safetensors", 1)
    write_model(tmp_path / "other.safetensors", 2)
    env = {name: str(tmp_path / "none") for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HOME")}
    command = [sys.executable, "-m", "qtui", "errors", str(folder / "m.safetensors"), "--tui", "--kiosk"]
    with Terminal([*command, "--kiosk-dir", str(folder)], env=env, columns=120) as terminal:
        terminal.wait_for("kiosk: audit hook")
        terminal.wait_for("exact: all 4,096 weights")
        for path in (tmp_path / "other.safetensors", tmp_path / "none.safetensors", "/etc/shadow", "/etc"):
            terminal.settle()
            terminal.press("o")
            terminal.settle()
            terminal.press("ctrl+u", "ctrl+k")
            terminal.send(f"{path}\r")
            terminal.wait_for(f"{path}: a kiosk opens only files in")
        terminal.press("ctrl+c")
        assert terminal.wait_end() == 130
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["m.safetensors", "models", "other.safetensors"]


def test_the_model_in_the_package_can_be_measured(tmp_path: Path) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    with Terminal([sys.executable, "-m", "qtui", "--kiosk"], env=env, cwd=tmp_path) as terminal:
        terminal.wait_for("Does it fit?")
        terminal.press("5")
        shown = terminal.wait_for("the best that any model can have")
        assert "[5 Quality]" in shown
        terminal.wait_for("Q8_0")
        terminal.press("q")
        assert terminal.wait_end() == 0
    assert not list(tmp_path.iterdir())
