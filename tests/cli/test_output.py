"""Printing into pipes, closed files and full disks; exit statuses that tell the truth."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qtui.cli.main import run
from tests.support.harness import ROOT

QTUI = [sys.executable, "-m", "qtui"]
ENV = os.environ | {"PYTHONPATH": str(ROOT)}


def shell(script: str) -> subprocess.CompletedProcess[str]:
    script = script.replace("qtui", f"{sys.executable} -m qtui")
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=ENV, timeout=120)


@pytest.mark.parametrize("command", ["qtui formats", "qtui mem 8B", "qtui formats --json"])
def test_a_reader_that_leaves_is_no_error(command: str) -> None:
    done = shell(f"{command} | head -c 10 >/dev/null; echo ${{PIPESTATUS[0]}}")
    assert done.stdout.strip() in ("0", "141") and done.stderr == ""


def test_a_full_disk_is_told() -> None:
    done = shell("qtui formats > /dev/full")
    assert done.returncode == 1
    assert done.stderr == "qtui: the output could not be written: No space left on device\n"


def test_a_closed_stdout_is_a_failure() -> None:
    assert shell("qtui formats >&-").returncode == 1


@pytest.mark.parametrize("command", [["mem", "nosuchmodel"], ["zzz"], ["mem", "--ctx", "x"], ["formats", "zzzz"]])
def test_bad_input_is_one_line_and_status_2(command: list[str]) -> None:
    done = subprocess.run([*QTUI, *command], capture_output=True, text=True, env=ENV)
    assert done.returncode == 2 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("qtui")


def test_the_app_needs_a_terminal() -> None:
    for command in ([], ["formats", "--tui"]):
        done = subprocess.run([*QTUI, *command], capture_output=True, text=True, env=ENV, stdin=subprocess.DEVNULL)
        assert done.returncode == 2 and "needs a terminal" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        "mem 8B --json --markdown",
        "mem 8B --json --tui",
        "errors --json --csv",
        "plan model.gguf --csv --types",
        "mem --machines --csv",
        "mem --machines --tui",
        "quality --models --tui",
    ],
)
def test_options_that_contradict_each_other_are_refused(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words.split()) == 2
    out, err = capsys.readouterr()
    assert out == "" and "not allowed with" in err and err.count("\n") == 1


def test_the_names_of_the_panes_are_understood(capsys: pytest.CaptureFixture[str]) -> None:
    for pane, command in (("memory", "mem"), ("quantizer", "quantize")):
        texts = []
        for name in (pane, command):
            assert run([name, "--help"]) == 0
            texts.append(capsys.readouterr().out)
        assert texts[0] == texts[1]


def test_a_defect_is_reported_with_the_command_that_shows_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("qtui.scenario.formats.all_formats", lambda: int("seven"))
    assert run(["formats", "q4 k", "--json"]) == 1
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert not out and "defect of its own: ValueError: invalid literal" in lines[0]
    assert "at qtui/scenario/formats.py:" in lines[1] and lines[2] == "  to see it again: qtui formats 'q4 k' --json"
    assert "invalid literal" in (tmp_path / "qtui" / "crash.txt").read_text()
