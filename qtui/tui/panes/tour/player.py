"""How far a person is in a lesson: what is done, what was answered, and which hints were asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from qtui.draw.tour.aside import TourAside
from qtui.draw.tour.text import TourTexts
from qtui.scenario.base import UserError
from qtui.scenario.tour.check import WIDEST
from qtui.scenario.tour.lesson import LETTERS, TourLesson, TourStep
from qtui.scenario.tour.load import load_lesson
from qtui.scenario.tour.panes import worth_of
from qtui.scenario.tour.prediction import Judgement, Prediction, answered, judged, prediction_of
from qtui.scenario.tour.progress import Presentation, TourProgress, load_progress, save_progress, tell_presentation
from qtui.scenario.tour.prose import mentions, reflowed, resolved
from qtui.scenario.tour.result import TourResult
from qtui.scenario.tour.scenario import TourScenario
from qtui.scenario.tour.solve import step_of
from qtui.tui.explain import card_of
from qtui.tui.keylist import action_named
from qtui.tui.keymap import Keymap
from qtui.tui.panes.tour.solution import DECLARED, key_of, shown
from qtui.words.load import glossary


class TourPlayer:
    """Plays one lesson; where it `may_write`, what is done is kept from one run to the next."""

    def __init__(self, lesson: TourLesson, may_write: bool, keymap: Keymap) -> None:
        self.lesson = lesson
        self.problem = ""
        self._may_write = may_write
        self._keymap = keymap
        self._progress = load_progress(lesson.name) if may_write else TourProgress()
        self._met: set[str] = set()
        self._revealed: set[str] = set()
        self._hints = 0
        self._at = ""

    def arrive(self, result: TourResult, began: float | None = None) -> None:
        """A step is shown, or what it shows has changed; `began` is when the presentation did, if it is one."""
        step = result.step
        if began is not None and self._may_write:
            with contextlib.suppress(OSError):  # notes are of no use then, but the class goes on
                tell_presentation(Presentation(self.lesson.name, result.number, began))
        if step.id != self._at:
            self._at, self._hints = step.id, 0
            self._progress.step = result.number
            self._save()
        if result.met and step.id not in self._met:
            self._met.add(step.id)
            self._finish(step)

    def leave(self, result: TourResult) -> None:
        """The person goes on: a step without a goal or a question is done by that."""
        if not result.step.goal and result.step.question is None:
            self._finish(result.step)

    def reset(self, step: TourStep) -> None:
        """Restart a step."""
        self._hints = 0
        self._met.discard(step.id)
        self._revealed.discard(step.id)
        if self._progress.answers.pop(step.id, None) is not None:
            self._save()

    def reveal(self, step: TourStep) -> None:
        """What is true is shown, whether or not this person has answered."""
        self._revealed.add(step.id)

    def answer(self, result: TourResult, text: str) -> Judgement:
        """Lock a prediction in. Raises UserError for what is no answer."""
        prediction = prediction_of(result.step)
        answer = answered(prediction, text)
        self._progress.answers[result.step.id] = answer
        self._finish(result.step)
        return judged(prediction, answer)

    def asks(self, step: TourStep) -> bool:
        """Whether the step's question waits for its answer."""
        return step.question is not None and step.id not in self._revealed and self._judgement(step) is None

    def hides(self, step: TourStep) -> bool:
        """Whether the picture of `step` waits for an answer."""
        return step.curtain and self.asks(step)

    def is_done(self, step: TourStep) -> bool:
        """Whether the step has its tick."""
        return step.id in self._progress.done

    def knows(self, scenario: TourScenario) -> bool:
        """Whether anything was done, answered or revealed in the step that `scenario` opens. Raises QtuiError."""
        progress, step = self._progress, step_of(scenario)
        met = {*progress.done, *progress.answers, *self._met, *self._revealed}
        return load_lesson(scenario.lesson).name == self.lesson.name and step.id in met

    def is_met(self, step: TourStep) -> bool:
        """Whether the step's goal was met since it began."""
        return step.id in self._met

    @property
    def done(self) -> int:
        """How many steps of the lesson are done."""
        return self._progress.done_of(self.lesson)

    @property
    def further(self) -> str:
        """Where to go on after the lesson, with the keys as they are now."""
        return prose(self.lesson.steps[-1], self.lesson.further, self._keymap)

    def more_hints(self, step: TourStep) -> bool:
        """Give one more hint; whether there was one."""
        if self._hints >= len(step.hints) or step.id in self._met:
            return False
        self._hints += 1
        return True

    def texts(self, result: TourResult) -> TourTexts:
        """The step's prose, with the keys as they are now."""
        step = result.step
        hints = tuple(prose(step, hint, self._keymap) for hint in step.hints[: self._hints])
        return replace(
            _texts(step, self._keymap), hints=hints, answer=self._judgement(step), met=step.id in self._met
        )

    def aside(self, result: TourResult) -> TourAside:
        """What stands around the step where there is room, with the keys as they are now."""
        known, steps, here = glossary(), self.lesson.steps, result.number
        words = [[known[name] for name in step.words if name in known] for step in steps]
        earlier = [term for step in reversed(words[: here - 1]) for term in step]
        # What comes with the answer would give it away.
        own = [
            term for term in words[here - 1] if not self.asks(result.step) or mentions(result.step.text, term.name)
        ]
        later = {term for step in words[here - 1 :] for term in step}.difference(own, earlier)
        card = card_of(result.inner)
        if card is not None:
            card = card.with_keys(lambda name: self._keymap.text(action_named(name)))
        pictured = [term for term in card.terms if term not in later] if card is not None else []
        return TourAside(
            terms=tuple(dict.fromkeys((*own, *pictured, *earlier))),
            introduced=len(own),
            shows=card.shows if card is not None else "",
            attempt=card.attempt if card is not None else "",
            lesson=self.lesson,
            number=result.number,
            done=frozenset(self._progress.done),
        )

    def predictions(self) -> tuple[tuple[TourStep, Prediction, Judgement], ...]:
        """Every prediction that was made, beside its truth."""
        made = ((step, self._judgement(step)) for step in self.lesson.steps if step.question is not None)
        return tuple((step, prediction_of(step), judgement) for step, judgement in made if judgement is not None)

    def _judgement(self, step: TourStep) -> Judgement | None:
        answer = self._progress.answers.get(step.id)
        if step.question is None or answer is None:
            return None
        prediction = prediction_of(step)
        try:
            return judged(prediction, answered(prediction, answer))
        except UserError:  # the lesson has changed since
            return None

    def _finish(self, step: TourStep) -> None:
        self._progress.done.add(step.id)
        self._save()

    def _save(self) -> None:
        if self._may_write:
            try:
                save_progress(self.lesson.name, self._progress)
            except OSError as error:
                self.problem = f"what you have done can't be kept: {error.strerror}"


def prose(step: TourStep, text: str, keymap: Keymap = DECLARED) -> str:
    """`text` of `step`, with keys and computed numbers in place."""
    return resolved(text, lambda action: shown(key_of(action, keymap)), lambda expression: worth_of(step, expression))


def texts_of(step: TourStep) -> Iterator[tuple[TourTexts, int]]:
    """The prose in every state that the step can be in, each with the rows of its field for an answer."""
    texts = _texts(step)
    if texts.prediction is None:
        yield replace(texts, hints=tuple(prose(step, hint) for hint in step.hints)), 0
        yield replace(texts, met=True), 0
        return
    yield texts, 1
    for answer in LETTERS if texts.prediction.answers else ("1", "123456789"):
        yield replace(texts, answer=judged(texts.prediction, answer)), 0


def _texts(step: TourStep, keymap: Keymap = DECLARED) -> TourTexts:
    asked = step.question
    return TourTexts(
        text=reflowed(prose(step, step.text, keymap), WIDEST) if "{" in step.text else step.text,
        task=prose(step, step.task, keymap),
        success=prose(step, step.success, keymap),
        why=prose(step, asked.why, keymap) if asked is not None else "",
        notes=prose(step, step.notes, keymap),
        prediction=prediction_of(step) if asked is not None else None,
    )
