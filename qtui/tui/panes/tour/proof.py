"""Proves what a lesson promises of its screens: goals are met by their solutions and by nothing else, and all fits.

One app plays the whole lesson in a window of 80 by 24, and keeps nothing.
"""

from __future__ import annotations

import asyncio
import random
import string
from collections.abc import AsyncIterator, Iterable, Iterator

from qtui.draw.glyphs import UNICODE
from qtui.draw.tour.text import ask, body
from qtui.error import QtuiError
from qtui.scenario.progress import Progress
from qtui.scenario.tour.check import Mistake, WrittenStep
from qtui.scenario.tour.lesson import TourLesson, TourStep
from qtui.scenario.tour.prediction import answered, judged, prediction_of
from qtui.scenario.tour.result import TourResult
from qtui.scenario.tour.scenario import TourScenario
from qtui.tui.app import QtuiApp
from qtui.tui.host import Settings
from qtui.tui.panes.tour.pane import TourPane
from qtui.tui.panes.tour.player import prose, texts_of
from qtui.tui.panes.tour.solution import key_event, keys_of

COLUMNS, ROWS = 80, 24
RANDOM_KEYS = 10
MOST_KEYS = 10  # a step, on average
LEFT_OUT = frozenset("qrRuU")  # keys that end the app, start again, or bring back what was done
PRESSED = sorted(
    {*string.ascii_letters, "left", "right", "up", "down", "shift+left", "shift+right", "shift+up", "shift+down"}
    - LEFT_OUT
    | {"space", "home", "end", "pageup", "pagedown", "plus", "minus", "left_square_bracket", "right_square_bracket"}
)


def played(lesson: TourLesson, progress: Progress) -> list[Mistake]:
    """What does not hold when the lesson is played, in its order."""
    return asyncio.run(_played(lesson, progress))


async def _played(lesson: TourLesson, progress: Progress) -> list[Mistake]:
    mistakes: list[Mistake] = []
    app = QtuiApp(TourScenario(lesson=lesson.name, step=1), Settings(kiosk=True))
    async with app.run_test(size=(COLUMNS, ROWS)):
        await _settle(app)
        for number, step in enumerate(lesson.steps, start=1):
            progress.tick(number - 1, len(lesson.steps), step.id)
            written = WrittenStep(step)
            try:
                mistakes += _prose(step, written)
                await _open(app, lesson, number)
                mistakes += _rows(app, step, written)
                if step.goal:
                    mistakes += [what async for what in _goal(app, lesson, number, written)]
            except QtuiError as error:
                mistakes.append(written.mistake(str(error)))
    try:
        prose(lesson.steps[-1], lesson.further)
    except QtuiError as error:
        mistakes.append(WrittenStep(lesson.steps[0]).mistake(f"further: {error}"))
    if lesson.steps and keys_in_all(lesson) / len(lesson.steps) >= MOST_KEYS:
        average = keys_in_all(lesson) / len(lesson.steps)
        mistakes.append(WrittenStep(lesson.steps[0]).mistake(f"the steps take {average:.1f} keys on average"))
    return mistakes


def keys_in_all(lesson: TourLesson) -> int:
    """Keys that it takes to go through the lesson, every answer right at once."""
    return sum(_keys(step) for step in lesson.steps)


def _keys(step: TourStep) -> int:
    if step.question is not None:
        prediction = prediction_of(step)
        return len(prediction.letter or f"{prediction.truth:.3g}") + 2  # Enter, and Enter to go on
    return len(list(keys_of(step.solution))) + 1


def _prose(step: TourStep, written: WrittenStep) -> Iterator[Mistake]:
    """Every key that the prose names is there, and a right answer counts as right."""
    for key, text in (*step.prose, ("notes", step.notes)):
        try:
            prose(step, text)
        except QtuiError as error:
            yield written.mistake(str(error), key)
    try:
        list(keys_of(step.solution))
    except QtuiError as error:
        yield written.mistake(str(error), "solution")
    if step.question is not None:
        prediction = prediction_of(step)
        right = prediction.letter or f"{prediction.truth:.4g}"
        if not judged(prediction, answered(prediction, right)).right:
            yield written.mistake(f"the answer {right} does not count as right", "truth")


def _rows(app: QtuiApp, step: TourStep, written: WrittenStep) -> Iterator[Mistake]:
    """In whatever it shows, the step leaves its picture the rows that it needs."""
    result = _pane(app).result
    if result is None:
        yield written.mistake("the step can't be shown", "show")
        return
    taken = max(_taken(result))
    if ROWS - taken < step.rows:
        needed = f"{taken + step.rows} rows, {step.rows} of them for the picture"
        yield written.mistake(f"it needs {needed}, where there are {ROWS}", "text")


def _taken(result: TourResult) -> Iterator[int]:
    """Rows beside those of the picture, in each state of the step."""
    step = result.step
    for texts, field in texts_of(step):
        rows = (*body(texts, COLUMNS, UNICODE), *ask(result, texts, COLUMNS, UNICODE))
        yield len(rows) + field + 3  # header, status, keys


async def _goal(app: QtuiApp, lesson: TourLesson, number: int, written: WrittenStep) -> AsyncIterator[Mistake]:
    step = lesson.steps[number - 1]
    if _is_met(app, step):
        yield written.mistake("the goal is met before a key is pressed", "goal")
        return
    await _press(app, keys_of(step.solution))
    if not _is_met(app, step):
        yield written.mistake("the solution does not meet the goal", "solution")
    await _open(app, lesson, number)
    keys = random.Random(step.id).choices(PRESSED, k=RANDOM_KEYS)
    await _press(app, keys)
    if _is_met(app, step):
        yield written.mistake(f"ten keys at random meet the goal: {' '.join(keys)}", "goal")


async def _open(app: QtuiApp, lesson: TourLesson, number: int) -> None:
    """Open a step at its beginning."""
    while len(app.screen_stack) > 1:
        app.pop_screen()
    _pane(app).begin(lesson.steps[number - 1])
    await app.open_pane(TourScenario(lesson=lesson.name, step=number))
    await _settle(app)
    _pane(app).focus_first()


def _pane(app: QtuiApp) -> TourPane:
    pane = app.stage.mounted("tour")
    assert isinstance(pane, TourPane)
    return pane


def _is_met(app: QtuiApp, step: TourStep) -> bool:
    player = _pane(app).player
    return player is not None and player.is_met(step)


async def _press(app: QtuiApp, keys: Iterable[str]) -> None:
    for key in keys:
        event = key_event(key)
        event.set_sender(app)
        app.post_message(event)
        await _settle(app)


async def _settle(app: QtuiApp) -> None:
    """Wait until everything is solved and no message waits anywhere."""
    quiet = 0
    while quiet < 3:
        await asyncio.sleep(0.001)
        waiting = any(node.message_queue_size for node in (app, *app.screen.walk_children(with_self=True)))
        quiet = 0 if waiting or app.keys.busy or app.runner.busy else quiet + 1
