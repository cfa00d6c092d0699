"""Formats beside the baseline, window by window: perplexity, divergence, and of the small model the sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qtui.compute.formats import get_format
from qtui.compute.lm.answers import sums_right
from qtui.compute.lm.changes import Assignment, ChangedWeights
from qtui.compute.lm.perplexity import Estimate, TokenScores, mean_and_error, statistics
from qtui.compute.lm.transformer import LmWeights, NotNumbersError, Transformer
from qtui.compute.lm.windows import log_probabilities, logits_of, read_in_step, score, targets
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
# (format, windows) that are read together; None is the model as it is.
Step = Sequence[tuple[int | None, Sequence[int]]]
AT_ONCE = 512  # tokens that are read at once, and one window at least
LOST = "its predictions are no numbers (NaN)"
IN_STEP = 4  # of these the model as it is reads between two figures of the first format


def measure(
    result: QualityResult, opened: OpenedModel, text: OpenedText, progress: Progress, watch: Watch
) -> QualityResult:
    """`result` with the baseline and every format measured; `watch` is shown what is known after each window."""
    assigned = assignments(result.scenario, opened, formats_of(result.scenario))
    key, count = identity(opened, text.windows, result.scenario), len(text.windows)
    result = replace(result, formats=tuple(map(_row, assigned)))
    missing = []
    for at, assignment in enumerate(assigned):
        if _problem(assignment):
            continue
        known = kept_scores(key, assignment.spec, text.passage.scored)
        if known is None:
            missing.append(at)
            continue
        own = _baseline_of(known.nll_base, count, text.floor)
        result = replace(_with(result, at, known, count), baseline=own, cached=result.cached + 1)
    watch(result)  # bits and sizes are known, and what was measured before
    with text.room(opened) as base:
        work = _Measurement(result, opened, text, assigned, base, progress, watch)
        steps = list(_steps(count, missing, *_sizes(opened, text))) if missing or not result.baseline else []
        for at in (None, *range(len(assigned))):
            if at not in missing and not (at is None and steps):
                work.count_sums(at)
        for step in steps:
            work.read(step)
            for at in {at for at, _ in step if at in work.scores and work.finished(at)}:
                keep_scores(key, assigned[at].spec, work.scores[at])
    return work.result


def _sizes(opened: OpenedModel, text: OpenedText) -> tuple[int, int, bool]:
    """Windows that are read at once; how many such batches in step; whether weights are decoded anew for each."""
    context = text.passage.context
    state = 2 * 4 * context * opened.language.config.hidden
    most = max(1, opened.memory.states // state)
    batch = min(max(1, AT_ONCE // context), most)
    together = most // batch
    return batch, together if opened.streamed else min(together, IN_STEP), opened.streamed


def _steps(count: int, missing: Sequence[int], batch: int, together: int, streamed: bool) -> Iterator[Step]:
    """What is read one after the other.

    The first window goes through the model and the first format in step, since a person waits for that figure; then
    `together` batches through the model, and one after the other through the format; at last the other formats. A
    model that is larger than memory is decoded as rarely as can be: for all that fits of a format's windows.
    """
    parts = [range(1), *(range(at, min(at + batch, count)) for at in range(1, count, batch))]
    first, others = missing[:1], missing[1:]
    if streamed:
        groups = [parts[at : at + together] for at in range(0, len(parts), together)]
        yield from ([(at, list(part)) for at in (None, *first) for part in group] for group in groups)
        yield from ([(at, list(part)) for part in group] for at in others for group in groups)
        return
    yield [(at, [0]) for at in (None, *first)]
    for start in range(1, len(parts), together):
        group = parts[start : start + together]
        yield [(None, list(part)) for part in group]
        yield from ([(at, list(part))] for at in first for part in group)
    yield from ([(at, list(part))] for at in others for part in parts)


class _Measurement:
    """What is known of the baseline and of the formats as windows are read.

    `base` float32 (windows, scored, vocabulary) is room for the model's own log-probabilities.
    """

    def __init__(
        self,
        result: QualityResult,
        opened: OpenedModel,
        text: OpenedText,
        assigned: Sequence[Assignment],
        base: F32,
        progress: Progress,
        watch: Watch,
    ) -> None:
        self.result = result
        self.scores: dict[int, TokenScores] = {}
        self._opened, self._text, self._assigned = opened, text, assigned
        self._base, self._nll = base, np.zeros(base.shape[:2])
        self._progress, self._watch = progress, watch
        self._source = opened.weights(opened.memory.source)
        self._own = Transformer(opened.language.config, self._source, name=opened.language.file.path)
        self._changed: tuple[int, Transformer] | None = None  # only one has its weights in memory
        waiting = sum(row.statistics is None and not row.problem for row in result.formats)
        self._done, self._total = 0, len(text.windows) * (1 + waiting)

    def finished(self, at: int | None) -> bool:
        """Whether the format at `at`, or the model as it is, has read every window."""
        known = self.result.baseline if at is None else self.result.formats[at]
        return known is not None and known.windows == len(self._text.windows)

    def read(self, step: Step) -> None:
        """Read windows, and show what is known after each model's."""
        note = ", ".join(
            dict.fromkeys("the model as it is" if at is None else self._assigned[at].spec for at, _ in step)
        )
        size = sum(len(batch) for _, batch in step)
        runs = [(self._model(at), self._text.windows[batch][:, :-1]) for at, batch in step]
        half = self._text.passage.context // 2

        def tick(part: float) -> None:
            self._progress.tick(self._done + part * size, self._total, note)

        for place, states in read_in_step(runs, tick):
            at, batch = step[place]
            for window, x in zip(batch, states[:, half:], strict=True):
                if at is None:
                    self._read_own(window, x)
                else:
                    self._compare(at, window, x)
            if self.finished(at):
                self.count_sums(at)
            self._watch(self.result)
        self._done += size

    def count_sums(self, at: int | None) -> None:
        """How many sums the small model gets right."""
        if not self.result.scenario.is_tiny or (at is not None and self.result.formats[at].problem):
            return
        model = self._model(at)
        one, two = (sums_right(model, self._opened.tokenizer, digits) for digits in (1, 2))
        if at is None and self.result.baseline is not None:
            self.result = replace(self.result, baseline=replace(self.result.baseline, sums=(one, two)))
        elif at is not None:
            self.result = _put(self.result, at, replace(self.result.formats[at], sums=(one, two)))

    def _model(self, at: int | None) -> Transformer:
        if at is None:
            return self._own
        if self._changed is None or self._changed[0] != at:
            self._changed = None  # its weights go before the next one's come
            memory, scenario = self._opened.memory, self.result.scenario
            made = changed_model(scenario, self._opened, self._assigned[at], self._source, memory.weights)
            self._changed = at, made
        return self._changed[1]

    def _read_own(self, window: int, x: F32) -> None:
        right = targets(self._text.windows[window])
        for rows, logits in logits_of(self._own, x, self._opened.memory.rows):
            self._base[window, rows] = log_probabilities(logits)
        chosen = np.take_along_axis(self._base[window], right[:, None], axis=1)[:, 0]
        self._nll[window] = -chosen.astype(np.float64)
        known = self._nll[: window + 1].reshape(-1)
        self.result = replace(self.result, baseline=_baseline_of(known, window + 1, self._text.floor))

    def _compare(self, at: int, window: int, x: F32) -> None:
        right, base = targets(self._text.windows[window]), self._base[window]
        if self.result.formats[at].problem:
            self.result = _put(self.result, at, replace(self.result.formats[at], windows=window + 1))
            return
        try:
            for rows, logits in logits_of(self._model(at), x, self._opened.memory.rows):
                scores = score(base[rows], logits, right[rows])
                self.scores[at] = self.scores[at].merge(scores) if at in self.scores else scores
        except NotNumbersError:
            self.scores.pop(at, None)
            lost = replace(self.result.formats[at], problem=LOST, statistics=None, windows=window + 1)
            self.result = _put(self.result, at, lost)
            return
        self.result = _with(self.result, at, self.scores[at], window + 1)


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
        fell_back=assignment.fell_back,
        no_op=assignment.no_op,
        already=assignment.already,
        changed=assignment.changed,
        problem=_problem(assignment),
    )


def _with(result: QualityResult, at: int, scores: TokenScores, windows: int) -> QualityResult:
    return _put(result, at, replace(result.formats[at], windows=windows, statistics=statistics(scores)))


def _put(result: QualityResult, at: int, row: FormatQuality) -> QualityResult:
    return replace(result, formats=(*result.formats[:at], row, *result.formats[at + 1 :]))


def _baseline_of(nll: NDArray[np.float64], windows: int, floor: float | None) -> Baseline:
    mean = mean_and_error(nll)
    ppl = float(np.exp(mean.value))
    return Baseline(windows, len(nll), Estimate(ppl, ppl * mean.error), mean, floor)


def changed_model(
    scenario: QualityScenario, opened: OpenedModel, assignment: Assignment, source: LmWeights, memory: int
) -> Transformer:
    """The model with what `assignment` and the Scenario put between its file, whose weights are in `source`, and the
    forward pass; `memory` bytes of changed weights are kept."""
    weights = ChangedWeights(source, assignment.formats, memory, importance(scenario), zeroed(scenario, opened))
    name = f"the model in {assignment.spec}"
    return Transformer(opened.language.config, weights, numerics(scenario, opened), name=name)
