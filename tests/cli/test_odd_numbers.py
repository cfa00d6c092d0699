"""Every option of every subcommand with numbers nobody expects: an answer, or one line and status 2."""

import dataclasses

import pytest

from qtui.cli.command import load
from qtui.cli.main import run
from qtui.models.tensors.names import natural

ASKED = {
    "mem": [["Qwen3-8B"]],
    "bits": [["0.1", "--view", view] for view in ("inspect", "line", "density", "sine")],
    "quantize": [["--view", view] for view in ("map", "blocks", "net", "grow")],
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


@pytest.mark.parametrize("digits", ["\u00b2", "9" * 5000], ids=["raised", "endless"])
def test_digits_that_int_refuses_are_refused_in_a_sentence(digits: str, capsys: pytest.CaptureFixture[str]) -> None:
    formats = (f"int{digits}", f"int4:block={digits}", f"fp8_e4m3:block={digits}x128", f"gptq:int4,block={digits}")
    lines = [
        *(["quantize", "0.1", "-f", spec] for spec in (*formats, f"codebook:-1,0,1,block={digits}", f"e{digits}m3")),
        *(["mem", word] for word in (digits, f"{digits}B", f"1{digits}.5B")),
        *(["mem", "8B", f"--{name}={digits}"] for name in ("ctx", "seqs", "ram", "vram", "min-speed", "batch", "ts")),
        ["mem", "--arch", f"layers={digits}"],
        ["mem", "8B", "--machine", f"{digits}x RTX 4090"],
        ["mem", "8B", "--vram", f"{digits}x24GB"],
        *(["errors", option, digits] for option in ("--count", "--seed")),
        ["quantize", "--layers", f"2-{digits}-1"],
        ["quality", "--zero", f"blk.0.ffn_down[{digits},0]"],
        ["tour", "--step", digits],
    ]
    for words in lines:
        assert run(words) == 2, words
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and "defect" not in error and "invalid int" not in error, (words, error)


@pytest.mark.parametrize("command", ["mem", "bits", "quantize", "errors", "plan", "quality", "inspect", "formats"])
def test_an_empty_word_is_no_default(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, ""]) == 2
    assert "an empty word names nothing" in capsys.readouterr().err


def test_tensors_are_sorted_whatever_digits_their_names_have() -> None:
    assert sorted(("blk.\u00b2.a", "blk.10.a", "blk.2.a"), key=natural) == ["blk.2.a", "blk.10.a", "blk.\u00b2.a"]


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
