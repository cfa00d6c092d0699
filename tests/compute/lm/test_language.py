"""The language of the small model: its grammar, and that its entropy is what its texts show."""

import itertools
import math
import re

import numpy as np
import pytest

from qtui.compute.lm.language import END, START, choices, entropy, text, tokens, true_nll, vocabulary


def reachable() -> set[object]:
    seen, waiting = {START}, [START]
    while waiting:
        for choice in choices(waiting.pop()):
            if choice.state not in seen:
                seen.add(choice.state)
                waiting.append(choice.state)
    return set(seen)


def test_chances_add_up_and_every_token_leads_to_one_state() -> None:
    names = set(vocabulary())
    for state in reachable():
        offered = choices(state)  # type: ignore[arg-type]
        assert math.fsum(choice.chance for choice in offered) == pytest.approx(1)
        assert len({choice.token for choice in offered}) == len(offered)
        assert {choice.token for choice in offered} <= names


def test_lines_are_right_sums_and_sentences_that_agree() -> None:
    lines = text(3, 20_000).split(END)[:-1]
    sums = [line for line in lines if "=" in line]
    for line in sums:
        a, b, answer = map(int, re.split("[+=]", line))
        assert a + b == answer and len(str(a)) == len(str(b))
    one = re.compile(r"(a|this)( \w+)? (cat|dog|bird|child|farmer|teacher|fox|mouse) \w+s( |$)")
    many = re.compile(r"(two|these)( \w+)? \w+ (?!\w+s( |$))")
    assert 0.4 < len(sums) / len(lines) < 0.6
    for line in lines:
        if line.startswith(("a ", "this ")) and " near " not in line and " behind " not in line:
            assert one.match(line), line
        if line.startswith(("two ", "these ")) and " near " not in line and " behind " not in line:
            assert many.match(line), line


def test_entropy_is_what_long_texts_cost() -> None:
    result = true_nll(list(itertools.islice(tokens(11), 60_000)))
    error = np.std(result) / math.sqrt(len(result))
    assert abs(np.mean(result) - entropy()) < 4 * error


def test_what_cannot_follow_is_infinite_until_the_line_ends() -> None:
    result = true_nll([*"1+1=3", END, *"1+1=2", END])
    assert [math.isinf(value) for value in result] == [False] * 4 + [True, True] + [False] * 6


def test_a_seed_gives_the_same_text_again() -> None:
    assert text(1, 40) == text(1, 40) != text(2, 40)
    assert text(1, 8) == "the foxes near these birds find these dogs"
