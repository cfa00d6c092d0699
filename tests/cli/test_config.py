"""The configuration file: what it changes, and what it says about mistakes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from qtui.cli import config
from qtui.cli.config import Config, parse
from qtui.cli.main import run
from qtui.scenario.base import UserError
from tests.support.harness import Terminal


def test_values_are_read() -> None:
    assert parse('theme = "light"\nmouse = false\npane = "bits"\n', "c") == Config(
        theme="light", mouse=False, pane="bits"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('themes = "dark"', "did you mean 'theme'?"),
        ("zzz = 1", "there are theme, color"),
        ('theme = "pink"', "auto, dark, light, safe"),
        ('ascii = "yes"', "true or false"),
        ("theme = 3", "a text in quotes"),
        ("theme = ", "is not TOML"),
    ],
)
def test_a_mistake_is_told_in_one_line(text: str, message: str) -> None:
    with pytest.raises(UserError, match="c.toml") as caught:
        parse(text, "c.toml")
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_an_unknown_machine_is_told_with_the_file_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "qtui").mkdir()
    (tmp_path / "qtui" / "config.toml").write_text('machine = "RTX 9999"')
    for words, named in ((["mem", "8B"], True), (["mem", "8B", "--machine", "RTX 9998"], False)):
        assert run(words) == 2
        error = capsys.readouterr().err
        assert ("config.toml: machine: no machine is called 'RTX 9999'" in error) == named and error.count("\n") == 1


def test_no_file_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert config.load() == Config()


def test_a_relative_xdg_path_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "somewhere")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".config" / "qtui").mkdir(parents=True)
    (tmp_path / ".config" / "qtui" / "config.toml").write_text("ascii = true")
    assert config.load().ascii


def test_the_app_compares_with_the_machine_that_a_print_compares_with(tmp_path: Path) -> None:
    (tmp_path / "qtui").mkdir()
    (tmp_path / "qtui" / "config.toml").write_text('machine = "RTX 4090"')
    command = [sys.executable, "-m", "qtui", "mem", "Qwen3-8B", "--tui"]
    with Terminal(command, env={"XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}) as terminal:
        assert "RTX 4090" in terminal.wait_for("It fits.")


def test_every_command_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    (tmp_path / "qtui").mkdir()
    (tmp_path / "qtui" / "config.toml").write_text("colour = 'none'")
    for command in ([], ["formats"]):
        with Terminal([sys.executable, "-m", "qtui", *command], env={"XDG_CONFIG_HOME": str(tmp_path)}) as terminal:
            assert terminal.wait_end() == 2
            assert "did you mean 'color'?" in terminal.text().replace("\n", "")
