"""`solve`: what a Scenario asks of a model, worked out; `watch` sees the result grow."""

from __future__ import annotations

import time
from dataclasses import replace

from qtui.compute.lm.threads import THREADS
from qtui.models.published.quality import published
from qtui.scenario.progress import Progress
from qtui.scenario.quality.lesson import lesson
from qtui.scenario.quality.measure import Watch, measure
from qtui.scenario.quality.opened import OpenedModel, open_language_model, open_text, read_model
from qtui.scenario.quality.prompts import continuations, cut, next_tokens
from qtui.scenario.quality.result import QualityResult
from qtui.scenario.quality.scenario import VIEWS, QualityScenario, asked, check
from qtui.scenario.quality.verdict import verdict
from qtui.scenario.quality.weak import sensitivity, super_weights

SMALL = 64 << 20  # bytes of decoded weights


def solve(scenario: QualityScenario, progress: Progress | None = None, watch: Watch | None = None) -> QualityResult:
    """The answer. `watch` is shown what is known after each window, part or token.

    Raises UserError or ModelFileError with what is wrong and what to do.
    """
    check(scenario)
    if scenario.view != VIEWS[0]:
        scenario = asked(scenario, scenario.view, scenario.tokens or scenario.next or scenario.generate)
    if scenario.lesson:
        return QualityResult(scenario, None, lesson=lesson(scenario))
    began = time.monotonic()
    opened = open_language_model(scenario)
    model = read_model(opened)
    result = QualityResult(scenario, model)

    def shown(partial: QualityResult) -> None:
        if watch is not None:
            watch(replace(partial, verdict=verdict(partial), seconds=time.monotonic() - began))

    # Threads that wait for each other cost more than they save on small matrices.
    with THREADS.raised(1 if model.memory < SMALL else None):
        result = _answer(result, opened, progress or Progress(), shown)
    return replace(result, verdict=verdict(result), seconds=time.monotonic() - began)


def _answer(result: QualityResult, opened: OpenedModel, progress: Progress, watch: Watch) -> QualityResult:
    scenario = result.scenario
    if scenario.tokens:
        return cut(result, opened, progress)
    if scenario.next:
        return next_tokens(result, opened, progress)
    if scenario.generate:
        return continuations(result, opened, progress, watch)
    text = open_text(scenario, opened)
    opened = opened.reading(text.passage.context)
    result = replace(result, model=read_model(opened), passage=text.passage)
    if scenario.sensitivity:
        return sensitivity(result, opened, text, progress, watch)
    if scenario.super_weight:
        return super_weights(result, opened, text, progress, watch)
    return measure(replace(result, published=published()), opened, text, progress, watch)
