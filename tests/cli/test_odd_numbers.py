"""Every option of every subcommand with numbers nobody expects: an answer, or one line and status 2."""

import dataclasses

import pytest

from qtui.cli.command import load
from qtui.cli.main import run

ASKED = {
    "mem": [["Qwen3-8B"]],
    "bits": [["0.1", "--view", view] for view in ("inspect", "line", "density", "sine")],
    "quantize": [["--show", show] for show in ("map", "blocks", "net", "grow")],
    "errors": [["--size", "2000"]],
    "formats": [[]],
}
WORDS = [
    (command, [*words, f"--{field.name.replace('_', '-')}={value}"])
    for command, asked in ASKED.items()
    for field in dataclasses.fields(load(command).scenario)
    if field.metadata.get("kind") == "option" and not field.name.startswith(("out", "hub"))
    for words in asked
    for value in ("-50", "1000000000000", "nan", "inf")
]


@pytest.mark.parametrize("command", ASKED)
def test_an_odd_number_is_answered(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    tried = [words for name, words in WORDS if name == command]
    assert len(tried) > 1
    for words in tried:
        status = run([command, *words])
        error = capsys.readouterr().err
        assert status in (0, 1, 2) and error.count("\n") == (status == 2), (command, words, error)


def test_a_place_beyond_the_end_is_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    for view, option, far in (
        ("net", "node", 999),
        ("grow", "step", 999),
        ("net", "node", -5),
        ("grow", "step", -50),
    ):
        assert run(["quantize", "--show", view, f"--{option}={far}"]) == 0
        there = capsys.readouterr().out
        last = {"node": 4, "step": 99}[option] if far > 0 else 0
        assert run(["quantize", "--show", view, f"--{option}={last}"]) == 0
        assert capsys.readouterr().out == there
