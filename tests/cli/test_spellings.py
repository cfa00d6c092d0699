"""One word for one thing: the same options everywhere, earlier spellings understood, near misses answered."""

from __future__ import annotations

from dataclasses import fields

import pytest

from qtui.cli.command import COMMANDS, load, parser_for
from qtui.cli.launch import command_first
from qtui.cli.main import run
from qtui.scenario.base import command_line
from tests.support.screens import scenario_of

SAME = [
    ("quantize --view table", "quantize --show table"),
    ("quantize --dist normal --count 99", "quantize --dist normal --size 99"),
    ("errors --dist laplace", "errors --data laplace"),
    ("errors m.gguf --view survey", "errors m.gguf --show survey"),
    ("bits 1 --view sine", "bits 1 --show sine"),
    ("mem 8B --view terms", "mem 8B --show terms"),
    ("mem 8B --ctx 32k", "mem 8B --context 32k"),
    ("mem 8B --kv-type q8_0", "mem 8B --cache q8_0"),
    ("mem 8B --seqs 4", "mem 8B --sequences 4"),
    ("mem 8B --seqs 4", "mem 8B -np 4"),
    ("mem 8B --format Q8_0", "mem 8B --quant Q8_0"),
    ("mem 8B --machine 4090", "mem 8B --gpu 4090"),
    ("mem 8B --ram 64GB", "mem 8B --memory 64GB"),
    ("quality --kv-type q8_0", "quality --cache q8_0"),
    ("quality --context 64", "quality --ctx 64"),
]


@pytest.mark.parametrize(("now", "before"), SAME)
def test_other_spellings_are_understood(now: str, before: str) -> None:
    assert scenario_of(now) == scenario_of(before)
    written = command_line(scenario_of(before))
    assert scenario_of(written.removeprefix("qtui ")) == scenario_of(now)
    assert not {word for word in before.split() if word.startswith("--")} - set(now.split()) & set(written.split())


def test_every_other_spelling_is_tried_and_in_no_help() -> None:
    tried = {word for pair in SAME for word in pair[1].split()}
    for name in COMMANDS:
        page = parser_for(load(name)).format_help().split()
        for item in fields(load(name).scenario):
            also = item.metadata.get("also") or ()
            assert set(also) <= tried and not set(also) & set(page)


def test_words_are_the_same_in_all_commands() -> None:
    flags: dict[str, set[str]] = {}
    for name in COMMANDS:
        for action in parser_for(load(name))._actions:
            for flag in action.option_strings:
                flags.setdefault(flag, set()).add(name)
    for flag in ("--view", "--show"):
        assert flags[flag] >= {"mem", "bits", "quantize", "errors"}
    for flag in ("--dist", "--count", "--spread", "--seed"):
        assert flags[flag] >= {"quantize", "errors"}
    for flag in ("--ctx", "--context", "--cache", "--kv-type"):
        assert flags[flag] >= {"mem", "quality"}
    assert flags["--json"] == flags["--plain"] == set(COMMANDS)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (
            "quantize --format q4",
            "'q4' can be Q4_0, Q4_1, Q4_K: which one, or for a whole model a mix such as Q4_K_M?",
        ),
        ("mem 8B --format q4", "a mix such as Q4_K_M"),
        ("errors --format q4", "which one, or"),
        ("mem 8B --formt Q4_K", "did you mean --format?"),
        ("plan x.gguf --bits 4", "did you mean --size 4.5bpw?"),
        ("mem 48 GB", "about 76 B parameters in 4 bits or 22 B in 16; `qtui mem --here --ram 48GB`"),
        ("bits 1 --view sin", "did you mean sine?"),
        ("quantize --view stair", "did you mean stairs?"),
        ("mem 8B --format q4km", "or for a whole model the mix Q4_K_M?"),
        ("quantise", "did you mean `qtui quantize`?"),
        ("lesson add m.toml bits 0.1 --view line", "write -- before the command"),
        ("qwen3 8b", "`qtui mem qwen3 8b` says whether a model fits"),
        ("compare a b", "compares models"),
        ("mem 8B -ngl 99", "-ngl is llama.cpp's: how many layers a card holds is worked out here; leave it out"),
        ("mem 8B -fa on -c 8k", "--no-flash goes without it"),
        ("mem 8B -c 8k -ctk q8_0 -ctv q8_0", "write --kv-type for keys and values, as in q8_0/q4_0"),
        ("mem -hf unsloth/Qwen3-8B-GGUF:Q4_K_M", "a model is named without an option"),
        ("mem -m model.gguf", "a file is named without an option"),
        ("mem 70", "fewer parameters than any model has; try 70B"),
        ("mem 8B -c 999999999999", "a context has at most 17,179,869,184 tokens"),
        ("mem --here --buy", "--here lists models and --buy machines; ask for one of them"),
        ("tour --step 3 --chapter 2", "give --step or --chapter, not both"),
        ("quantize --in w.npy --row x", "a whole number such as 7 is needed, not 'x'"),
        ("errors --seed x", "a whole number such as 7 is needed, not 'x'"),
        ("mem hf.co/unsloth/Qwen3-8B-GGUF:Q4_K_M", "write Qwen3-8B --format Q4_K_M"),
        ("mem llama3.1:8b-instruct-q8_0", "write Llama-3.1-8B-Instruct --format Q8_0"),
    ],
)
def test_a_near_miss_is_answered_in_one_line(line: str, answer: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(line.split()) == 2
    message = capsys.readouterr().err
    assert answer in message and message.count("\n") == 1


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("--ascii bits 0.1", "bits --ascii 0.1"),
        ("--theme light mem Qwen3-8B -c 8k", "mem --theme light Qwen3-8B -c 8k"),
        ("--ascii quantizer -- -0.1", "quantizer --ascii -- -0.1"),
        ("--lead mem --fresh", "--lead mem --fresh"),  # a file of that name
        ("--ascii bitz 0.1", "bitz --ascii 0.1"),  # which is told what may have been meant
    ],
)
def test_options_may_stand_before_the_command(typed: str, meant: str) -> None:
    assert command_first(typed.split()) == meant.split()


def test_a_command_behind_options_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--color", "none", "bits", "0.1"]) == 0
    behind = capsys.readouterr().out
    assert run(["bits", "--color", "none", "0.1"]) == 0
    assert capsys.readouterr().out == behind
