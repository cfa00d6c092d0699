"""Proves what a lesson states, as far as that needs no screen: numbers, truths, sizes, and the words it uses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import NamedTuple

from qtui.error import QtuiError
from qtui.scenario.tour.conditions import holds, parsed, value_of
from qtui.scenario.tour.lesson import TourLesson, TourStep
from qtui.scenario.tour.load import line_of
from qtui.scenario.tour.panes import run, scenario_of, worth_of
from qtui.scenario.tour.prediction import prediction_of
from qtui.scenario.tour.prose import agrees, expressions_in, mentions, number_in, numbers_in, resolved, words_in
from qtui.scenario.tour.write import TEXT, TITLE

WIDEST = 72  # columns of prose
TEXT_LINES = (2, 6)
SLOWEST = 90  # seconds of reading
WORDS_A_MINUTE = 200


class Mistake(NamedTuple):
    """Something that does not hold, and where it is written."""

    path: str
    line: int
    step: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.step}: {self.what}"


class WrittenStep:
    """Where a step's keys are written, for mistakes to name."""

    def __init__(self, step: TourStep) -> None:
        self.step = step
        with open(step.path, encoding="utf-8") as file:
            self._text = file.read()

    def mistake(self, what: str, key: str = "", within: str = "") -> Mistake:
        """A mistake at `key`, on the line that holds `within`."""
        return Mistake(self.step.path, line_of(self._text, self.step.line, key, within), self.step.id, what)

    def unproved(self, what: str, number: str) -> Mistake:
        """A mistake in the proof of `number`, a line of a table or a part of one in one line."""
        key = number if re.search(rf'^\s*"{re.escape(number)}"\s*=', self._text, re.MULTILINE) else "numbers"
        return self.mistake(what, key, number)


def mistakes_in(lesson: TourLesson, glossary: Collection[str]) -> Iterator[Mistake]:
    """All that does not hold, in the order of the lesson. `glossary`: the terms that are defined."""
    known: set[str] = set()
    for step in lesson.steps:
        written = WrittenStep(step)
        known |= set(step.words)
        yield from _unwritten(step, written)
        yield from _sizes(step, written)
        yield from _words(step, written, glossary, known, lesson.everyday)
        try:
            scenario_of(step.show)
            run(step.show)
        except (QtuiError, OSError) as error:
            yield written.mistake(f"show: {error}", "show")
            continue
        yield from _numbers(step, written)
        yield from _after(step, written)
        yield from _truth(step, written)
        yield from _goal(step, written)


def _unwritten(step: TourStep, written: WrittenStep) -> Iterator[Mistake]:
    """What a step that was added to the lesson still lacks."""
    for key, text, skeleton in (("title", step.title, TITLE), ("text", step.text, TEXT)):
        if text == skeleton:
            yield written.mistake(f"its {key} is still to be written", key)


def _sizes(step: TourStep, written: WrittenStep) -> Iterator[Mistake]:
    rows = step.text.splitlines()
    least, most = TEXT_LINES
    if not least <= len(rows) <= most:
        yield written.mistake(f"the text has {len(rows)} lines, not {least} to {most}", "text")
    for row in rows:
        if cell_count(row) > WIDEST:
            yield written.mistake(
                f"a line is {cell_count(row)} columns wide, {WIDEST} at most: {row!r}", "text", row[:40]
            )
    for key in ("title", "say"):
        text = getattr(step, key)
        if cell_count(text) > WIDEST * (2 if key == "say" else 1) or "\n" in text.strip():
            yield written.mistake(f"{key} is too long", key)
    ending = step.question.why if step.question is not None else step.success
    seconds = 60 * words_in(f"{step.text} {step.asks} {ending}") / WORDS_A_MINUTE
    if seconds > SLOWEST:
        yield written.mistake(f"it takes {seconds:.0f} s to read, {SLOWEST} at most", "text")


def _words(
    step: TourStep, written: WrittenStep, glossary: Collection[str], known: set[str], everyday: tuple[str, ...]
) -> Iterator[Mistake]:
    for word in step.words:
        if word not in glossary:
            yield written.mistake(f"the glossary does not define {word!r}", "words")
    for key, text in step.prose:
        for term in sorted(set(glossary) - known - set(everyday)):
            if term[:1].isalpha() and len(term) > 2 and mentions(text, term):
                yield written.mistake(f"{term!r} is used, but no step has introduced it (`words`)", key, term)


def _numbers(step: TourStep, written: WrittenStep) -> Iterator[Mistake]:
    for text, expression in step.numbers.items():
        number = number_in(text)
        if number is None or number.text != text:
            yield written.unproved(f"{text!r} is no number as it stands in prose", text)
            continue
        try:
            value = worth_of(step, expression)
        except (QtuiError, OSError) as error:
            yield written.unproved(f"{text}: {error}", text)
            continue
        if not agrees(number, value):
            yield written.unproved(f"{text} is stated, {value!r} comes out of {expression}", text)
    proved = {*step.numbers, *step.given}
    prose = (*step.prose, ("title", step.title), ("say", step.say))
    for key, text in prose:
        for number in numbers_in(text):
            if number.text not in proved:
                yield written.mistake(
                    f"nothing proves the number {number.text} (`numbers`, `given`)", key, number.text
                )
        for expression in expressions_in(text):
            try:
                resolved(f"{{{expression}}}", lambda action: action, lambda e: worth_of(step, e))
            except (QtuiError, OSError) as error:
                yield written.mistake(str(error), key, expression)
    everything = " ".join(text for _, text in prose)
    for text in (*step.numbers, *step.given):
        if text not in everything:
            yield written.unproved(f"{text} is proved, but stands nowhere", text)


def _after(step: TourStep, written: WrittenStep) -> Iterator[Mistake]:
    if not step.after:
        return
    try:
        if scenario_of(step.after).command != scenario_of(step.show).command:
            yield written.mistake("after is a state of another pane", "after")
        else:
            run(step.after)
    except (QtuiError, OSError) as error:
        yield written.mistake(f"after: {error}", "after")


def _truth(step: TourStep, written: WrittenStep) -> Iterator[Mistake]:
    if step.question is None:
        return
    try:
        prediction_of(step)
    except (QtuiError, OSError) as error:
        yield written.mistake(f"truth: {error}", "truth")


def _goal(step: TourStep, written: WrittenStep) -> Iterator[Mistake]:
    if not step.goal:
        return
    try:
        parsed(step.goal)
        start = run(step.show)
        names = {**start, "start": start}
        value_of(step.goal, names)
        if holds(step.goal, names):
            yield written.mistake("the goal is met before anything is done", "goal")
    except (QtuiError, OSError) as error:
        yield written.mistake(f"goal: {error}", "goal")


def cell_count(text: str) -> int:
    """Columns that `text` takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
