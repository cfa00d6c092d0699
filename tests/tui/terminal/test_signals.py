"""Leaving: by key, by signal, by a closed window, by a crash; idle and busy. The terminal must be as it was."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from tests.support.harness import ROOT, Terminal

STUB = [sys.executable, str(ROOT / "tests/support/stub.py")]
HUNG_UP = 129


@pytest.fixture
def state(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path / "config")}


def opened(state: dict[str, str], kind: str = "plain", seen: str = "result hello") -> Terminal:
    terminal = Terminal([*STUB, kind], env=state)
    terminal.wait_for(seen)
    return terminal


@pytest.mark.parametrize(("key", "status"), [("q", 0), ("ctrl+q", 0), ("ctrl+c", 130)])
def test_keys_that_leave(state: dict[str, str], key: str, status: int) -> None:
    with opened(state) as terminal:
        terminal.press(key)
        assert terminal.wait_end() == status
        assert not terminal.modes_left_on()


@pytest.mark.parametrize("name", ["SIGHUP", "SIGTERM", "SIGINT", "SIGQUIT"])
def test_signals_end_it_and_say_so(state: dict[str, str], name: str) -> None:
    with opened(state) as terminal:
        terminal.kill(getattr(signal, name))
        assert terminal.wait_end() == 128 + getattr(signal, name)
        assert not terminal.modes_left_on()


@pytest.mark.parametrize("kind", ["slow", "stuck", "spin", "frozen"])
@pytest.mark.parametrize("how", ["SIGTERM", "hang up", "q"])
def test_busy_work_holds_nothing_back(state: dict[str, str], kind: str, how: str) -> None:
    if (kind, how) == ("frozen", "q"):
        pytest.skip("no key is read while the app's own thread is frozen")
    seen = "[1 Stub]" if kind != "frozen" else ""
    with opened(state, kind, seen) as terminal:
        if kind == "frozen":
            while not terminal.pump(0.1):
                pass
            terminal.settle()
        if how == "SIGTERM":
            terminal.kill(signal.SIGTERM)
            assert terminal.wait_end() == 128 + signal.SIGTERM
            assert not terminal.modes_left_on()
        elif how == "hang up":
            terminal.hang_up()
            assert terminal.wait_end() == HUNG_UP
        else:
            terminal.press("q")
            assert terminal.wait_end() == 0
            assert not terminal.modes_left_on()


def test_the_program_itself_tells_of_a_closed_window(state: dict[str, str]) -> None:
    with Terminal([sys.executable, "-m", "qtui", "mem", "--tui"], env=state) as terminal:
        terminal.wait_for("[1 Memory]")
        terminal.settle()
        terminal.hang_up()
        assert terminal.wait_end() == HUNG_UP


def test_a_terminal_lost_without_a_signal(state: dict[str, str]) -> None:
    """As under nohup, or when a wrapper keeps the signal from it: it must not spin on a dead terminal."""
    wrapper = (
        "import signal, subprocess, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
        "sys.exit(subprocess.Popen(sys.argv[1:], start_new_session=True).wait())"
    )
    with Terminal([sys.executable, "-c", wrapper, *STUB, "plain"], env=state) as terminal:
        terminal.wait_for("result hello")
        terminal.hang_up()
        assert terminal.wait_end() == HUNG_UP


def test_suspend_and_back(state: dict[str, str]) -> None:
    with opened(state) as terminal:
        terminal.press("ctrl+z")
        terminal.wait_stopped()
        assert not terminal.modes_left_on()
        terminal.screen.reset()
        terminal.resize(70, 20)
        terminal.kill(signal.SIGCONT)
        terminal.wait_for("70x")
        assert "result hello" in terminal.text() and terminal.modes_left_on()
        terminal.press("q")
        assert terminal.wait_end() == 0
        assert not terminal.modes_left_on()


@pytest.mark.parametrize("kind", ["crash", "crash-worker"])
def test_a_crash_restores_the_terminal_and_tells_how_to_see_it_again(state: dict[str, str], kind: str) -> None:
    with Terminal([*STUB, kind], env=state, columns=120) as terminal:
        assert terminal.wait_end() == 1
        assert not terminal.modes_left_on()
        message = terminal.text()
        assert "ZeroDivisionError: one over nothing" in message
        assert f"qtui mem --kind {kind} --tui --fresh" in message
        assert len(message.strip().splitlines()) <= 6
    report = Path(state["XDG_STATE_HOME"], "qtui", "crash.txt").read_text()
    assert "Traceback" in report and "one over nothing" in report


def test_ctrl_c_copies_a_selected_part_first(state: dict[str, str]) -> None:
    with opened(state) as terminal:
        for key in ("", "tab"):  # the focus comes after the first frame, and the selection after the focus
            terminal.settle()
            terminal.press(key)
        terminal.settle()
        terminal.press("home", "shift+right", "shift+right")
        terminal.settle()
        terminal.press("ctrl+c")
        terminal.wait_for("copied: he")
        terminal.press("end")
        terminal.settle()
        terminal.press("ctrl+c")
        assert terminal.wait_end() == 130
