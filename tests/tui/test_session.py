"""Coming back where qtui was left, however it was left; files that can't be read never keep it from opening."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from qtui.tui.session import Session, load_session
from tests.support.harness import ROOT, Terminal
from tests.support.stub_scenarios import StubScenario

STUB = [sys.executable, str(ROOT / "tests/support/stub.py"), "-"]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path / "config")}


def kept(env: dict[str, str], name: str = "session.json") -> Path:
    return Path(env["XDG_STATE_HOME"], "qtui", name)


def opened(env: dict[str, str], *options: str, seen: str = "[1 Stub]") -> Terminal:
    terminal = Terminal([*STUB, *options], env=env)
    terminal.wait_for(seen)
    terminal.settle()
    return terminal


@pytest.mark.parametrize("how", ["q", "ctrl+c", "SIGTERM", "hang up"])
def test_it_comes_back_where_it_was_left(env: dict[str, str], how: str) -> None:
    with opened(env) as terminal:
        terminal.press("tab")
        terminal.settle()
        terminal.send("changed\r")
        terminal.wait_for("result changed")
        terminal.press("f2")
        terminal.wait_for("[2 Other]")
        terminal.settle()
        terminal.leave(how)
    with opened(env, seen="[2 Other]") as terminal:
        terminal.press("1")
        terminal.wait_for("result changed")
        terminal.leave("q")
    with opened(env, "--fresh") as terminal:
        terminal.wait_for("result hello")
        terminal.leave("q")
    assert json.loads(kept(env).read_text())["scenarios"]["mem"]["text"] == "hello"


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"version":99}', '{"version":1,"pane":3,"scenarios":{}}', "\xff"])
def test_a_damaged_file_is_set_aside_with_a_word(env: dict[str, str], damage: str) -> None:
    kept(env).parent.mkdir(parents=True)
    kept(env).write_bytes(damage.encode("latin-1"))
    with opened(env) as terminal:
        terminal.wait_for("the last session can't be read")
        terminal.leave("q")
    assert kept(env, "session.json.damaged").read_bytes() == damage.encode("latin-1")
    assert json.loads(kept(env).read_text())["version"] == 1


def test_a_scenario_that_no_longer_fits_is_left_out() -> None:
    session = Session(scenarios={"mem": {"pane": "mem", "colour": "blue"}})
    assert session.scenario(StubScenario) is None and "colour" in session.trouble
    assert Session(scenarios={"mem": {"text": "x"}}).scenario(StubScenario) == StubScenario(text="x")


def test_a_folder_that_can_not_be_written_is_no_obstacle(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    with opened(env) as terminal:
        terminal.press("q")
        assert terminal.wait_end() == 0


def test_a_crash_does_not_come_back(env: dict[str, str]) -> None:
    kept(env).parent.mkdir(parents=True)
    crashing = {"version": 1, "pane": "mem", "scenarios": {"mem": {"kind": "crash"}}}
    kept(env).write_text(json.dumps(crashing))
    with Terminal(STUB, env=env) as terminal:
        assert terminal.wait_end() == 1
    with opened(env) as terminal:
        terminal.wait_for("result hello")


def test_the_configuration_can_turn_it_off_and_choose_the_pane(env: dict[str, str]) -> None:
    Path(env["XDG_CONFIG_HOME"], "qtui").mkdir(parents=True)
    Path(env["XDG_CONFIG_HOME"], "qtui", "config.toml").write_text('restore = false\npane = "bits"\n')
    with opened(env, seen="[2 Other]") as terminal:
        terminal.leave("q")
    assert not kept(env).exists()


def test_the_file_is_whole_or_absent(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    from qtui import paths

    for name, value in env.items():
        monkeypatch.setenv(name, value)
    path = paths.state_file("session.json")
    paths.write_own(path, "old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OSError, match="full"):
        paths.write_own(path, "new")
    assert Path(path).read_text() == "old" and os.listdir(os.path.dirname(path)) == ["session.json"]
    assert load_session().trouble
