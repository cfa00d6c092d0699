"""From a step of a lesson to what it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from qtui.scenario.base import Scenario, UserError
from qtui.scenario.progress import Progress
from qtui.scenario.tour.conditions import holds
from qtui.scenario.tour.lesson import TourLesson, TourStep
from qtui.scenario.tour.load import load_lesson
from qtui.scenario.tour.panes import fields_at, kind_of, line_of, scenario_of, values_of, worth_of
from qtui.scenario.tour.prediction import prediction_of
from qtui.scenario.tour.prose import expression_of, expressions_in
from qtui.scenario.tour.result import TourResult
from qtui.scenario.tour.scenario import TourScenario

PaneSolve = Callable[[Scenario, Progress], Any]


def solve(scenario: TourScenario, progress: Progress, pane_solve: PaneSolve | None = None) -> TourResult:
    """The step, and its pane solved by `pane_solve` (a pane has caches that the command line has not).

    Raises UserError for a lesson, a step or a state that can't be shown.
    """
    lesson = load_lesson(scenario.lesson)
    number = step_number(lesson, scenario)
    step = lesson.steps[number - 1]
    inner = inner_scenario(step, scenario.state)
    solved = pane_solve or (lambda wanted, work: kind_of(wanted.command).solve(wanted, work))
    shown = solved(inner, progress)
    _work_out_prose(step)
    chapter = lesson.chapter_of(number)
    return TourResult(
        scenario=scenario,
        lesson=lesson,
        step=step,
        number=number,
        chapter=lesson.chapters[chapter - 1],
        chapter_number=chapter,
        inner=inner,
        shown=shown,
        met=is_met(step, inner, shown) if step.goal else None,
        prediction=prediction_of(step) if step.question is not None else None,
    )


def step_number(lesson: TourLesson, scenario: TourScenario) -> int:
    """The step that the Scenario opens, counted from 1. Raises UserError where there is none of that number."""
    steps, chapters = len(lesson.steps), len(lesson.chapters)
    if scenario.step > steps:
        raise UserError(f'there is no step {scenario.step}; "{lesson.title}" has {steps} steps')
    if scenario.step and scenario.chapter:
        raise UserError("a step is in its chapter; give --step or --chapter, not both")
    if scenario.chapter > chapters:
        raise UserError(f'there is no chapter {scenario.chapter}; "{lesson.title}" has {chapters} chapters')
    if scenario.step:
        return scenario.step
    return lesson.first_of(scenario.chapter) if scenario.chapter else 1


def step_of(scenario: TourScenario) -> TourStep:
    """The step that the Scenario opens. Raises UserError."""
    lesson = load_lesson(scenario.lesson)
    return lesson.steps[step_number(lesson, scenario) - 1]


def inner_scenario(step: TourStep, state: str = "") -> Scenario:
    """What the step's pane shows: `state`, a command line of the same pane, else the step's own. Raises UserError."""
    start = scenario_of(step.show)
    if not state:
        return start
    inner = scenario_of(state)
    if inner.command != start.command:
        raise UserError(f"the step {step.id!r} shows {start.command}, not {inner.command}")
    return inner


def at_state(scenario: TourScenario, step: TourStep, inner: Scenario) -> TourScenario:
    """`scenario` with its pane showing `inner`."""
    return replace(scenario, state="" if inner == scenario_of(step.show) else line_of(inner))


def _work_out_prose(step: TourStep) -> None:
    """Work out each expression in the step's prose, so that drawing it waits for nothing. Raises UserError."""
    for _, text in step.prose:
        for inside in expressions_in(text):
            worth_of(step, expression_of(inside))


def runs_others(step: TourStep) -> bool:
    """Whether the step works out other states than its own, which may take a while."""
    asked = step.question
    placed = [inside for _, text in step.prose for inside in expressions_in(text)]
    return bool(placed) or (asked is not None and "run(" in asked.truth) or "start" in step.goal


def is_met(step: TourStep, inner: Scenario, shown: Any) -> bool:
    """Whether the step's goal is met where its pane shows `shown`, the Result of `inner`."""
    names = values_of(inner, shown)
    if "start" in step.goal:
        names["start"] = fields_at(scenario_of(step.show))
    return holds(step.goal, names)
