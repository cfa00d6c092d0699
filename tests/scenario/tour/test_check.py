"""What `--check` finds in a lesson: each mistake with its line; and that the shipped ones have none."""

from __future__ import annotations

from pathlib import Path

import pytest

from qtui.scenario.tour.check import mistakes_in
from qtui.scenario.tour.load import LessonError, read_lesson

GOOD = """title = "One"

[[step]]
id = "flip"
title = "The sign"
kind = "do"
text = '''
One bit says whether a number is below zero: the first.
Here it is clear, and the number is 1.5.
'''
show = "bits 1.5 --format float16"
task = "Flip one bit so that it is -1.5."
goal = "value == -1.5 and differing(bits, start.bits) == 1"
solution = ["pane.mark"]
hints = ["It is the first bit.", "{pane.mark} flips it."]
success = "Only the sign has changed."
numbers = { "1.5" = "value" }

[[step]]
id = "guess"
title = "The next number"
kind = "predict"
text = '''
After 1.5 comes the next number that float16 can store.
It is not far.
'''
show = "bits 1.5 --format float16"
question = "What is it?"
answers = ["1.5078", "1.50098", "1.501953"]
truth = "next"
why = "Ten bits of digits."
numbers = { "1.5" = "value" }
"""


def mistakes(folder: Path, text: str, glossary: tuple[str, ...] = ()) -> list[str]:
    path = folder / "lesson.toml"
    path.write_text(text)
    return [f"{m.line}: {m.what}" for m in mistakes_in(read_lesson(str(path), str(path)), glossary)]


def test_a_good_lesson_has_no_mistake(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ('{ "1.5" = "value" }', '{ "1.5" = "value + 1" }', 17, "1.5 is stated, 2.5 comes out"),
        ("is clear, and", "is clear in 7 ways, and", 9, "nothing proves the number 7"),
        ("bit says", "bit " + 20 * "and " + "says", 8, "columns wide"),
        ("value == -1.5 and", "value == 1.5 or", 13, "met before anything is done"),
        ("value == -1.5 and", "valeu == -1.5 and", 13, "no field 'valeu'"),
        ("--format float16", "--format float17", 11, "show:"),
        ('truth = "next"', 'truth = "ulp"', 30, "0 state the truth"),
        ("1.501953", "1.501", 30, "2 state the truth"),
        ("not far.", "not far: an ulp.", 25, "'ulp' is used, but no step has introduced it"),
        ('success = "', 'words = ["ulq"]\nsuccess = "', 16, "does not define 'ulq'"),
        ("Ten bits", "Ten " + 300 * "many " + "bits", 23, "s to read"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, what: str) -> None:
    (first, *_) = mistakes(tmp_path, GOOD.replace(old, new), ("ulp",))
    assert first.startswith(f"{line}: ") and what in first


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ('kind = "do"', 'kind = "play"', 6, "one of do, predict"),
        ('kind = "do"', 'kind = "look"', 6, "has no goal"),
        ('goal = "value', 'gaol = "value', 13, "did you mean 'goal'"),
        ('solution = ["pane.mark"]\n', "", 13, "but no 'solution'"),
        ('id = "guess"', 'id = "flip"', 19, "there is a step 'flip' already"),
        ('id = "guess"', 'id = "A guess"', 20, "an id is of small letters"),
        ('answers = ["1.5078", ', "answers = [", 29, "3 answers"),
        ('why = "Ten bits of digits."\n', "", 28, "no 'why'"),
        ('show = "bits 1.5 --format float16"\ntask', "task", 3, "no 'show'"),
        ('title = "The sign"', "title = The sign", 5, "it is not TOML"),
        ('hints = ["It is the first bit.", ', "hints = [", 15, "two hints"),
    ],
)
def test_what_is_no_lesson_is_refused_with_its_line(tmp_path: Path, old: str, new: str, line: int, what: str) -> None:
    with pytest.raises(LessonError, match=f"lesson.toml:{line}: ") as caught:
        mistakes(tmp_path, GOOD.replace(old, new))
    assert what in str(caught.value)


def test_numbers_with_a_power_of_ten(tmp_path: Path) -> None:
    text = GOOD.replace("It is not far.", "The largest is 6.55 × 10⁴.").replace(
        'answers = ["1', 'given = { "6.55 × 10⁴" = "IEEE 754" }\nanswers = ["1'
    )
    assert mistakes(tmp_path, text) == []
