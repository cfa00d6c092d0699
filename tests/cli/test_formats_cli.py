"""`qtui formats`: the list, its filters, and a format spelled with options."""

from __future__ import annotations

import json
import re

import pytest

from qtui.cli.formats import EPILOG
from qtui.cli.main import run
from qtui.compute.formats import all_formats, get_format


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict]:
    assert run(["formats", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)["formats"]


def test_every_format_is_listed_with_its_cost(capsys: pytest.CaptureFixture[str]) -> None:
    found = listed(capsys)
    assert [each["name"] for each in found] == [fmt.name for fmt in all_formats()]
    for each in found:
        assert set(each) >= {"name", "family", "bits_per_weight", "block_size", "block_bytes", "description"}
        fmt = get_format(each["name"])
        assert each["bits_per_weight"] == float(fmt.bits_per_weight)


def test_names_do_not_collide_in_any_case() -> None:
    names = [fmt.name.lower() for fmt in all_formats()]
    assert len(set(names)) == len(names)


def test_a_family_or_a_part_of_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert {each["family"] for each in listed(capsys, "--family", "smart")} == {"smart"}
    assert "nvfp4_two_level" in {each["name"] for each in listed(capsys, "NVFP4")}


def test_a_format_with_options(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = listed(capsys, "int3:block=64,scale=fp16")
    assert (found["bits_per_weight"], found["block_bytes"]) == (3.25, 26)


def test_what_the_help_spells_out_works() -> None:
    for line in EPILOG.partition("options follow")[2].splitlines()[1:]:
        for spec in re.findall(r"\b[a-z0-9_]+:\S+?(?=,? |$)", line):
            assert get_format(spec).block_bytes > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["zzz"], "lists them all"), (["--family", "zzz"], "ggml"), (["int3:blok=64"], "full spec looks like")],
)
def test_bad_input_is_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["formats", *arguments]) == 2
    problem = capsys.readouterr().err
    assert said in problem and problem.count("\n") == 1
