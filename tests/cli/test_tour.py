"""`qtui tour` and `qtui lesson` without a screen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qtui.cli.main import run
from qtui.scenario.tour.check import mistakes_in
from qtui.scenario.tour.lesson import KINDS
from qtui.scenario.tour.load import SHIPPED, load_lesson
from qtui.scenario.tour.panes import scenario_of
from qtui.words.load import glossary

pytestmark = pytest.mark.usefixtures("own_state")


def test_the_list_has_every_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tour", "--list", "--json"]) == 0
    steps = json.loads(capsys.readouterr().out)
    assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
    for step in steps:
        assert step.keys() >= {"step", "chapter", "title", "kind", "goal", "capabilities", "seconds"}
        assert step["kind"] in KINDS and (step["goal"] is None) == (step["kind"] == "look")
    assert run(["tour", "--list"]) == 0
    assert steps[0]["title"] in capsys.readouterr().out


def test_a_step_is_printed_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tour", "--step", "1"]) == 0
    assert "What is a parameter?" in capsys.readouterr().out
    assert run(["tour", "--chapter", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["step"] == 1


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("tour --step 999", "there is no step 999"),
        ("tour --chapter 99", "there is no chapter 99"),
        ("tour --lesson nothing", "there is no lesson 'nothing'"),
        ("tour --step 1 --state mem", "shows quantize, not mem"),
        ("lesson", "say what to add"),
        ("lesson add x.toml nothing", "there is no pane 'nothing'"),
        ("lesson add x.toml mem nosuchmodel", "'mem nosuchmodel' can't be shown: "),
        ("lesson add x.toml bits 1 -f nosuch", "'bits 1 -f nosuch' can't be shown: "),
        ("lesson add x.toml errors nosuch.gguf", "nosuch.gguf"),
    ],
)
def test_what_there_is_not(
    line: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(line.replace("x.toml ", "x.toml -- ").split()) == 2
    message = capsys.readouterr().err
    assert what in message and message.count("\n") == 1 and not list(tmp_path.iterdir())


def test_a_lesson_is_written_checked_and_played(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "mine.toml")
    words = ["qtui", "bits", "1.5", "-f", "bf16", "--tui"]
    assert run(["lesson", "add", path, "--title", 'A "quoted" one', "--", *words]) == 0
    assert capsys.readouterr().out.rstrip().endswith(f"qtui tour --check {path}")
    assert run(["lesson", "add", path, "quantize 1 2 --show 'net'", "--json"]) == 0
    capsys.readouterr()
    assert run(["tour", "--lesson", path, "--list", "--json"]) == 0
    assert [step["title"] for step in json.loads(capsys.readouterr().out)] == ['A "quoted" one', "A new step"]
    assert run(["tour", "--check", path]) == 1
    message = capsys.readouterr().err
    assert f"{path}:7: step-1: its text is still to be written" in message
    assert f"{path}:15: step-2: its title is still to be written" in message
    text = Path(path).read_text()
    Path(path).write_text(text.replace("A new step", "Another").replace("What is there", "Here is what there is"))
    assert run(["tour", "--check", path, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"steps": 2, "mistakes": []}


def test_a_lesson_stays_where_and_what_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, link = tmp_path / "mine.toml", tmp_path / "link.toml"
    assert run(["lesson", "add", str(path), "bits 1"]) == 0
    path.chmod(0o640)
    link.symlink_to(path)
    assert run(["lesson", "add", str(link), "bits 1"]) == 0
    assert link.is_symlink() and len(load_lesson(str(path)).steps) == 2 and path.stat().st_mode & 0o777 == 0o640
    path.chmod(0o440)
    before = path.read_text()
    assert run(["lesson", "add", str(path), "bits 1"]) == 2
    assert "it is read-only" in capsys.readouterr().err and path.read_text() == before
    assert run(["lesson", "add", str(tmp_path / "no" / "where.toml"), "bits 1"]) == 2
    assert "can't write" in capsys.readouterr().err and not (tmp_path / "no").exists()


def test_a_step_that_was_copied_becomes_a_step(tmp_path: Path) -> None:
    path = str(tmp_path / "mine.toml")
    state = "quantize 0.5 --format float32 --show net --net 1-1 --input 3"
    assert run(["lesson", "add", path, "--", *["qtui", "tour", "--step", "1", "--state", state, "--tui"]]) == 0
    assert run(["lesson", "add", path, "qtui tour --step 1"]) == 0
    first, second = load_lesson(path).steps
    assert scenario_of(first.show) == scenario_of(state)
    assert scenario_of(second.show) == scenario_of(load_lesson("").steps[0].show)


@pytest.mark.parametrize("name", [name for name in SHIPPED if name])
def test_the_lessons_in_the_package_state_what_is_true(name: str) -> None:
    assert list(mistakes_in(load_lesson(name), glossary())) == []


def test_a_mistake_is_told_with_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    run(["lesson", "add", str(path), "bits"])
    capsys.readouterr()
    text = path.read_text().replace("What is there", "What 7 things are there").replace("A new step", "New")
    path.write_text(text)
    assert run(["tour", "--check", str(path)]) == 1
    assert capsys.readouterr().err == f"{path}:8: step-1: nothing proves the number 7 (`numbers`, `given`)\n"
