"""Predictions: what is asked, what is true, and how far off an answer is. Tours, lessons and polls share them.

No pane and no screen: `prediction_of(step)` solves what it takes, `judged` compares.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from qtui.scenario.base import UserError
from qtui.scenario.tour.lesson import LETTERS, TourStep
from qtui.scenario.tour.panes import worth_of
from qtui.scenario.tour.prose import agrees, number_in


@dataclass(frozen=True)
class Prediction:
    """A question and its truth. `letter` is the right answer's where there are `answers`; `truth` the number, if any.

    `values` are the numbers of the answers, None for those that are words.
    """

    ask: str
    answers: tuple[str, ...]
    values: tuple[float | None, ...]
    letter: str
    truth: float | None
    unit: str
    tolerance: float


@dataclass(frozen=True)
class Judgement:
    """An answer beside the truth. `ratio` is answer over truth, None where either is no number or the truth is 0."""

    answer: str
    right: bool
    value: float | None
    truth: float | None
    ratio: float | None


_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")


@lru_cache(maxsize=256)
def prediction_of(step: TourStep) -> Prediction:
    """The prediction that `step` asks for. Raises UserError where it asks for none, or its truth can't be found."""
    asked = step.question
    if asked is None:
        raise UserError(f"the step {step.id!r} asks nothing")
    truth = worth_of(step, asked.truth)
    values = tuple(_signed(answer) for answer in asked.answers)
    letter, number = "", None
    if isinstance(truth, str) and truth in LETTERS[: len(asked.answers)] and truth:
        letter = truth
        number = values[LETTERS.index(truth)]
    else:
        number = _as_number(step, truth)
        if asked.answers:
            letter = _letter_of(step, asked.answers, number)
    return Prediction(asked.ask, asked.answers, values, letter, number, asked.unit, asked.tolerance)


def answered(prediction: Prediction, text: str) -> str:
    """What a person typed, as the answer that it is: a letter, or a number. Raises UserError for what is neither."""
    plain = text.strip().replace("−", "-").removesuffix(prediction.unit).strip()
    if prediction.answers:
        if len(plain) == 1 and plain.lower() in LETTERS:
            return plain.lower()
        raise UserError(f"answer with one of {', '.join(LETTERS)}")
    over, slash, under = plain.partition("/")
    try:
        value = float(_pointed(over)) / (float(_pointed(under)) if slash else 1.0)
    except (ValueError, ZeroDivisionError):
        value = math.nan
    if not math.isfinite(value):
        raise UserError("answer with a number, such as 12.5 or 4/15")
    return f"{value:.4g}" if slash else _pointed(plain)


def _pointed(number: str) -> str:
    """A number with a decimal point, without commas between thousands; a comma elsewhere is a point."""
    return number.replace(",", "" if _THOUSANDS.fullmatch(number.strip()) else ".")


def judged(prediction: Prediction, answer: str) -> Judgement:
    """How an answer that `answered` gave stands beside the truth."""
    truth = prediction.truth
    if prediction.answers:
        value = prediction.values[LETTERS.index(answer)]
        right = answer == prediction.letter
    else:
        value = float(answer)
        right = truth is not None and abs(value - truth) <= prediction.tolerance * abs(truth)
    ratio = value / truth if value is not None and truth else None
    return Judgement(answer, right, value, truth, ratio)


def _letter_of(step: TourStep, answers: tuple[str, ...], truth: float) -> str:
    """The one answer that states the truth at the digits shown."""
    fitting = []
    for letter, answer in zip(LETTERS, answers, strict=False):
        stated, value = number_in(answer), _signed(answer)
        if stated is not None and value is not None and agrees(stated, truth) and (value < 0) == (truth < 0):
            fitting.append(letter)
    if len(fitting) != 1:
        raise UserError(f"of the answers of {step.id!r}, {len(fitting)} state the truth, {truth:g}, where one should")
    return fitting[0]


def _signed(answer: str) -> float | None:
    stated = number_in(answer)
    if stated is None:
        return None
    return -stated.value if answer.strip().startswith(("-", "−")) else stated.value


def _as_number(step: TourStep, truth: object) -> float:
    if isinstance(truth, str | int | float):
        with suppress(ValueError):  # of a text that is no number
            return float(truth)
    raise UserError(f"the truth of {step.id!r} is no number: {truth!r}")
