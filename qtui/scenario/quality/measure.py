"""Formats beside the baseline, window by window: perplexity, divergence, and of the small model the sums."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qtui.compute.formats import get_format
from qtui.compute.lm.answers import sums_right
from qtui.compute.lm.changes import Assignment, ChangedWeights
from qtui.compute.lm.perplexity import Estimate, TokenScores, mean_and_error, statistics
from qtui.compute.lm.transformer import Transformer
from qtui.compute.lm.windows import log_probabilities, run_windows, score, scored, targets
from qtui.models.lm.weights import FileWeights
from qtui.scenario.progress import Progress
from qtui.scenario.quality.opened import (
    OpenedModel,
    OpenedText,
    assignments,
    identity,
    importance,
    numerics,
    zeroed,
)
from qtui.scenario.quality.result import Baseline, FormatQuality, QualityResult
from qtui.scenario.quality.scenario import QualityScenario, formats_of
from qtui.scenario.quality.store import keep_scores, kept_scores

F32 = NDArray[np.float32]
Watch = Callable[[QualityResult], None]
IN_MEMORY = 256 << 20  # bytes of the baseline's log-probabilities; more are kept in a temporary file
SHARE = 4  # what is kept beside weights takes at most a quarter of the memory for these
SOURCE = 64 << 20  # decoded weights kept beside changed ones


@dataclass
class _Work:
    """How far the work is: `done` of `total` windows, reported to the progress display."""

    progress: Progress
    total: float
    done: float = 0.0

    def tick(self, part: float, note: str) -> None:
        self.progress.tick(self.done + part, self.total, note)


def measure(
    result: QualityResult, opened: OpenedModel, text: OpenedText, progress: Progress, watch: Watch
) -> QualityResult:
    """`result` with the baseline and every format measured; `watch` is shown what is known after each window."""
    scenario = result.scenario
    specs = formats_of(scenario)
    assigned = assignments(scenario, opened, specs)
    key = identity(opened, text.windows, scenario)
    tokens = scored(text.passage.context) * len(text.windows)
    kept = {a.spec: kept_scores(key, a.spec, tokens) for a in assigned}
    missing = [a for a in assigned if kept[a.spec] is None and not _problem(a)]
    result = replace(result, formats=tuple(_row(a) for a in assigned), cached=len(assigned) - len(missing))
    first = next((scores for scores in kept.values() if scores is not None), None)
    work = _Work(progress, len(text.windows) * (1 + len(missing)))
    with baseline_room(text, opened) as room:
        if missing or first is None:
            for baseline in _baseline(opened, text, room, work):
                result = replace(result, baseline=baseline)
                watch(result)
        else:
            result = replace(result, baseline=_baseline_of(first.nll_base, len(text.windows), text.floor))
        sums = _sums(opened, Transformer(opened.language.config, opened.language.weights()), scenario)
        assert result.baseline is not None
        result = replace(result, baseline=replace(result.baseline, sums=sums))
        for at, assignment in enumerate(assigned):
            scores = kept[assignment.spec]
            if _problem(assignment):
                continue
            if scores is not None:
                result = _with(result, at, scores, len(text.windows))
            else:
                for scores, windows in _format(scenario, opened, text, room, assignment, work):
                    result = _with(result, at, scores, windows)
                    watch(result)
                assert scores is not None
                keep_scores(key, assignment.spec, scores)
            result = _with_sums(result, at, scenario, opened, assignment)
            watch(result)
    return result


def _problem(assignment: Assignment) -> str:
    """Why a format can't be measured; nothing where it can."""
    for name in sorted(set(assignment.formats.values())):
        if not get_format(name).can_encode:
            return f"qtui can't write {name}"
    return ""


def _row(assignment: Assignment) -> FormatQuality:
    return FormatQuality(
        format=assignment.spec,
        bits_per_weight=8 * assignment.nbytes / assignment.weights,
        nbytes=assignment.nbytes,
        fallbacks=assignment.fallbacks,
        no_op=assignment.no_op,
        already=assignment.already,
        changed=assignment.changed,
        problem=_problem(assignment),
    )


def _with(result: QualityResult, at: int, scores: TokenScores, windows: int) -> QualityResult:
    row = replace(result.formats[at], windows=windows, statistics=statistics(scores))
    return replace(result, formats=(*result.formats[:at], row, *result.formats[at + 1 :]))


def _with_sums(
    result: QualityResult, at: int, scenario: QualityScenario, opened: OpenedModel, assignment: Assignment
) -> QualityResult:
    if not scenario.is_tiny:
        return result
    sums = _sums(opened, changed_model(scenario, opened, assignment), scenario)
    return replace(
        result, formats=(*result.formats[:at], replace(result.formats[at], sums=sums), *result.formats[at + 1 :])
    )


def _sums(opened: OpenedModel, model: Transformer, scenario: QualityScenario) -> tuple[float, float] | None:
    """Shares of one- and two-digit sums that the small model gets right."""
    if not scenario.is_tiny:
        return None
    return sums_right(model, opened.tokenizer, 1), sums_right(model, opened.tokenizer, 2)


def _baseline(opened: OpenedModel, text: OpenedText, room: F32, work: _Work) -> Iterator[Baseline]:
    """The model as it is, after each window; its log-probabilities go into `room` (windows, scored, vocabulary)."""
    model = Transformer(opened.language.config, opened.language.weights())
    nll = np.zeros(room.shape[:2])

    def tick(part: float) -> None:
        work.tick(part, "the model as it is")

    for at, logits in run_windows(model, text.windows, tick, together=opened.streamed):
        room[at] = log_probabilities(logits)
        nll[at] = -np.take_along_axis(room[at], targets(text.windows[at])[:, None], axis=1)[:, 0].astype(np.float64)
        yield _baseline_of(nll[: at + 1].reshape(-1), at + 1, text.floor)
    work.done += len(text.windows)


def _baseline_of(nll: NDArray[np.float64], windows: int, floor: float | None) -> Baseline:
    mean = mean_and_error(nll)
    ppl = float(np.exp(mean.value))
    return Baseline(windows, len(nll), Estimate(ppl, ppl * mean.error), mean, floor)


def changed_model(scenario: QualityScenario, opened: OpenedModel, assignment: Assignment) -> Transformer:
    """The model with what `assignment` and the Scenario put between its file and the forward pass."""
    language = opened.language
    source = FileWeights(language.tensors, min(SOURCE, language.memory), language.file.path, language.offset)
    weights = ChangedWeights(
        source, assignment.formats, language.memory, importance(scenario), zeroed(scenario, opened)
    )
    return Transformer(language.config, weights, numerics(scenario, opened))


def _format(
    scenario: QualityScenario,
    opened: OpenedModel,
    text: OpenedText,
    room: F32,
    assignment: Assignment,
    work: _Work,
) -> Iterator[tuple[TokenScores, int]]:
    """Scores of one format over the windows so far, after each."""
    model = changed_model(scenario, opened, assignment)
    merged: TokenScores | None = None

    def tick(part: float) -> None:
        work.tick(part, assignment.spec)

    for at, logits in run_windows(model, text.windows, tick, together=opened.streamed):
        scores = score(room[at], logits, targets(text.windows[at]))
        merged = scores if merged is None else merged.merge(scores)
        yield merged, at + 1
    work.done += len(text.windows)


@contextmanager
def baseline_room(text: OpenedText, opened: OpenedModel) -> Iterator[F32]:
    """Room for the baseline's log-probabilities, float32 (windows, scored, vocabulary): memory, else a file."""
    shape = (len(text.windows), scored(text.passage.context), opened.language.config.vocabulary)
    if 4 * int(np.prod(shape)) <= min(IN_MEMORY, opened.language.memory // SHARE):
        yield np.empty(shape, np.float32)
        return
    with tempfile.TemporaryFile(prefix="qtui-") as file:
        room: np.memmap[Any, Any] = np.memmap(file, np.float32, "w+", shape=shape)
        yield room
