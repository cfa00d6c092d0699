"""The app on files whose every text tries to command the terminal: the bytes that it sends are its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from qtui.crash import report
from qtui.scenario.base import UserError
from tests.support.harness import ROOT, Terminal, homes
from tests.support.hostile import EVIL, foreign, gguf, lesson, make
from tests.support.stub_scenarios import StubScenario


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return make(tmp_path_factory.mktemp("hostile"))


def paste(text: str) -> str:
    return f"\x1b[200~{text}\x1b[201~"


@pytest.mark.parametrize(
    ("command", "file", "keys"),
    [
        ("mem", "gguf", ["y", "m", paste(EVIL), "escape", "?", "escape"]),
        ("errors", "gguf", ["v", "right", "down", "y", "e", "/", paste(EVIL), "escape"]),
        ("errors --view browse", "safetensors", ["tab", "end", "up", "enter", "e", "m", "o", paste(EVIL), "enter"]),
        ("plan", "gguf", ["down", "right", "y"]),
        ("quantize", "gguf", ["down", "y", "2", "3"]),
        ("mem", "several", ["m", paste(EVIL), "enter"]),
        ("errors", "split", ["right"]),
        ("quality", "gguf", ["y"]),
        ("bits", "", [*"\t\t", paste(EVIL), "enter"]),
    ],
)
def test_panes(command: str, file: str, keys: list[str], files: dict[str, str], tmp_path: Path) -> None:
    env = homes(tmp_path)
    words = [*command.split(), *([files[file]] if file else []), "--tui"]
    with Terminal([sys.executable, "-m", "qtui", *words], env=env, columns=100, rows=30) as terminal:
        terminal.wait_for("1 Memory")
        for key in keys:
            terminal.settle()
            terminal.press(key)
        terminal.settle()
        shown = terminal.text()
        assert "PWNED" in shown or "u202e" in shown or command == "bits", shown
        terminal.press("escape", "ctrl+c")
        assert terminal.wait_end() == 130
        assert not foreign(terminal.output) and b"UFdORUQ=\x07" not in terminal.output


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (["tour", "--lesson", "LESSON"], ["1", "escape", "7", "enter", "y", "P", "e", "enter", "enter"]),
        (["welcome", "--tui"], ["o", "down", "escape", "F"]),
    ],
)
def test_lessons_and_the_names_of_files(words: list[str], keys: list[str], tmp_path: Path) -> None:
    env = homes(tmp_path)
    name = EVIL.replace("\0", "").replace("/", "")[:60] + ".gguf"
    (tmp_path / name).write_bytes(gguf())
    words = [lesson(tmp_path) if word == "LESSON" else word for word in words]
    command = [sys.executable, "-m", "qtui", *words]
    with Terminal(command, env={**env, "PYTHONPATH": str(ROOT)}, columns=100, rows=30, cwd=tmp_path) as terminal:
        terminal.settle()
        for key in keys:
            terminal.press(key)
            terminal.settle()
        assert "PWNED" in terminal.text() or b"PWNED" in terminal.output
        terminal.press("escape", "ctrl+c")
        assert terminal.wait_end() == 130
        assert not foreign(terminal.output) and b"UFdORUQ=\x07" not in terminal.output


def test_a_hostile_session_comes_back_tamely(files: dict[str, str], tmp_path: Path) -> None:
    """The tab, the fields and the message of a pane that was left on such a file."""
    env = homes(tmp_path)
    (tmp_path / "qtui").mkdir()
    (tmp_path / "qtui" / "session.json").write_text(
        '{"version":1,"pane":"mem","scenarios":{"mem":{"\\u001b]0;PWNED\\u0007":1}}}'
    )
    with Terminal([sys.executable, "-m", "qtui"], env=env) as terminal:
        terminal.wait_for("PWNED")
        terminal.leave("q")
        assert not foreign(terminal.output)


def test_a_crash_report() -> None:
    try:
        raise UserError(EVIL * 100)
    except UserError as error:
        message = report(error, StubScenario(EVIL), write=False)
    assert not foreign(message.encode()) and len(message) < 6000 and len(message.splitlines()) == 3
