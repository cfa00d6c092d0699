"""A Scenario survives every trip: to a command line and back, to JSON and back."""

import argparse
import json
import math
import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtui.compute.format import FormatError
from qtui.error import QtuiError
from qtui.scenario.base import (
    Scenario,
    UserError,
    add_arguments,
    argument,
    command_line,
    from_json,
    from_namespace,
    option,
    parsed,
    shell_command,
    to_args,
    to_json,
    user_input,
)


@dataclass(frozen=True)
class Sample(Scenario):
    command = "sample"
    values: tuple[str, ...] = argument((), "values", many=True)
    format: str = option("Q4_K", "a format")
    count: int = option(3, "a number", "--count", "-n")
    ratio: float = option(0.5, "a ratio")
    exact: bool = option(False, "a switch")
    tied: bool = option(True, "a switch that is on")
    formats: tuple[str, ...] = option((), "several", "--also", many=True)
    limit: str | None = option(None, "maybe")


def parse(args: list[str]) -> Sample:
    parser = argparse.ArgumentParser()
    add_arguments(parser, Sample)
    return from_namespace(Sample, parser.parse_args(args))


texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1, max_size=8)
samples = st.builds(
    Sample,
    values=st.lists(texts.filter(lambda t: t != "--"), max_size=3).map(tuple),
    format=texts,
    count=st.integers(-9, 9),
    ratio=st.floats(allow_nan=False, allow_infinity=False),
    exact=st.booleans(),
    tied=st.booleans(),
    formats=st.lists(texts, max_size=3).map(tuple),
    limit=st.none() | texts,
)


@given(samples)
def test_round_trip_through_a_command_line(sample: Sample) -> None:
    line = command_line(sample)
    assert parse(to_args(sample)) == sample and line.isprintable()
    if all(word.isprintable() for word in to_args(sample)):
        assert parse(shlex.split(line)[2:]) == sample


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_words_that_do_not_print_are_spelled_for_a_shell() -> None:
    words = ["\x1b]0;title\x07", "it's\n2 lines\\", "\x9b31m", "é\udc9b", "\u202eabc", "plain", "a b", "\x01f"]
    line = f"printf '%s\\0' {shell_command(words)}"
    assert line.isprintable()
    shown = subprocess.run(["bash", "-c", line], stdout=subprocess.PIPE, check=True).stdout
    assert [os.fsdecode(word) for word in shown.split(b"\0")[:-1]] == words


@given(samples)
def test_round_trip_through_json(sample: Sample) -> None:
    assert from_json(Sample, json.loads(json.dumps(to_json(sample)))) == sample


def test_defaults_need_no_arguments() -> None:
    assert command_line(Sample()) == "qtui sample"


def test_json_with_a_wrong_key_or_type_is_refused() -> None:
    with pytest.raises(UserError, match="no setting called 'nope'"):
        from_json(Sample, {"nope": 1})
    with pytest.raises(UserError, match="'count' should be a int"):
        from_json(Sample, {"count": "three"})
    with pytest.raises(UserError, match="finite number, not nan"):
        from_json(Sample, {"ratio": math.nan})


def test_values_stand_on_both_sides_of_an_option() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser, Sample)
    for words in (["1", "-n", "2", "3"], ["1", "-n", "2", "--", "3"], ["-n", "2", "1", "3"]):
        assert from_namespace(Sample, parsed(parser, words)) == Sample(("1", "3"), count=2)


def test_only_what_a_reader_says_is_a_persons_mistake() -> None:
    for message in (QtuiError("no number"), FormatError("no format")):
        with pytest.raises(UserError, match="no "), user_input():
            raise message
    with pytest.raises(ValueError, match="from inside") as defect, user_input():
        raise ValueError("from inside")
    assert not isinstance(defect.value, UserError)
