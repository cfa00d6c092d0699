"""Measures many tensors in many formats: shares the work out, gathers the results, keeps what is finished."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qtui.compute.errors import ErrorAccumulator
from qtui.compute.errors.meter import FormatStats, Weighted, rows_together
from qtui.compute.errors.survey import Measure
from qtui.compute.errors.values import ValueMeter
from qtui.compute.formats import Format
from qtui.models.files.model_file import Tensor
from qtui.models.tensors.roles import stand_in
from qtui.models.tensors.values import TensorData
from qtui.scenario.errors.cache import StoredMeasure, SurveyCache
from qtui.scenario.errors.file import stored_quantized
from qtui.scenario.errors.pool import Pool, workers_here
from qtui.scenario.errors.result import TensorErrors
from qtui.scenario.errors.sampling import FITTED, FlatRange, fitting_sample, measure, needs_fit, row_length
from qtui.scenario.errors.worker import Outcome, Task
from qtui.scenario.progress import Progress

PART = 1 << 22  # weights of one task: a second or two of work, so that cancelling loses little
HERE_UP_TO = 1 << 24  # weights times formats that are measured in this process: sooner done than workers started


@dataclass(frozen=True)
class Job:
    """One tensor, and the flat ranges of it to measure; `importance` float32 (columns,) weighs its columns.

    A `counted` job enters the sums over all jobs. With `fallbacks`, types stand in for formats as in llama-quantize.
    """

    tensor: Tensor
    spans: tuple[FlatRange, ...]
    importance: NDArray[np.float32] | None = None
    counted: bool = True
    fallbacks: bool = False

    @property
    def weights(self) -> int:
        """Weights to measure."""
        return sum(stop - start for start, stop in self.spans)

    def measured_as(self, fmt: Format) -> Format:
        """The format that is measured where `fmt` was asked for."""
        return stand_in(fmt, self.tensor) if self.fallbacks else fmt

    @property
    def what(self) -> str:
        """The same for the same weights under the same importance."""
        whole = self.spans == ((0, self.tensor.count),)
        text = "all" if whole else hashlib.sha256(repr(self.spans).encode()).hexdigest()[:16]
        if self.importance is not None:
            text += " " + hashlib.sha256(self.importance.tobytes()).hexdigest()[:16]
        return text


@dataclass
class _Open:
    """A job in work: the format to measure for each that was asked for, and what is known of it.

    Of a job that is measured in parts: the `parts` that are to come, and the sums over those that have come.
    """

    job: Job
    wanted: dict[str, Format]
    known: dict[str, FormatStats] = field(default_factory=dict)
    parts: int = 0
    sums: tuple[FormatStats, ...] = ()

    @classmethod
    def of(cls, job: Job, formats: Sequence[Format]) -> _Open:
        """`job`, of which nothing is known yet."""
        return cls(job, {fmt.name: job.measured_as(fmt) for fmt in formats})

    @property
    def missing(self) -> tuple[Format, ...]:
        """What is to be measured and is not known yet."""
        return tuple(fmt for fmt in dict.fromkeys(self.wanted.values()) if fmt.name not in self.known)

    def add_part(self, outcomes: Sequence[Outcome]) -> None:
        """Take in what one part gave, an outcome for each format that is `missing`."""
        stats = tuple(FormatStats(fmt, *outcome) for fmt, outcome in zip(self.missing, outcomes, strict=True))
        self.sums = tuple(a.merge(b) for a, b in zip(self.sums, stats, strict=True)) if self.sums else stats
        self.parts -= 1


class _Gathered:
    """Collects results, keeps them in `cache`, tells each finished job once, and sums all of them up."""

    def __init__(
        self, formats: Sequence[Format], finished: Callable[[TensorErrors], None], cache: SurveyCache | None
    ) -> None:
        self._formats = tuple(formats)
        self._finished = finished
        self._cache = cache
        self._last: dict[str, FormatStats] = {}
        self._jobs = 0
        self._sums = {fmt.name: ErrorAccumulator(None) for fmt in formats}

    def without_kept(self, jobs: Sequence[Job]) -> list[_Open]:
        """The jobs that the cache does not finish; those that it does are reported."""
        if self._cache is None:
            return [_Open.of(job, self._formats) for job in jobs]
        todo = {(job.tensor.name, job.what): _Open.of(job, self._formats) for job in jobs}
        by_name = {fmt.name: fmt for work in todo.values() for fmt in work.wanted.values()}
        for kept in self._cache.read():
            key, fmt = (kept.tensor, kept.what), by_name.get(kept.format)
            if fmt is None or key not in todo:
                continue
            weights = Weighted(*kept.weighted) if kept.weighted else None
            todo[key].known[fmt.name] = FormatStats(fmt, kept.stats, kept.problem, weights)
            if not todo[key].missing:
                self._finish(todo.pop(key))
        return list(todo.values())

    def take(self, work: _Open, results: Iterable[FormatStats]) -> None:
        """What was measured for the formats that `work` missed."""
        for stats in results:
            work.known[stats.format.name] = stats
            if self._cache is not None:
                weighted = (stats.weighted.error, stats.weighted.energy) if stats.weighted else None
                name, what = work.job.tensor.name, work.job.what
                self._cache.keep(StoredMeasure(name, stats.format.name, what, stats.stats, stats.problem, weighted))
        self._finish(work)

    def _finish(self, work: _Open) -> None:
        """All formats of this job are known."""
        job = work.job
        stats = {asked: work.known[fmt.name] for asked, fmt in work.wanted.items()}
        if job.counted:
            self._jobs += 1
            self._last = stats
            for name, measured in stats.items():
                if measured.stats is not None:
                    self._sums[name].merge(measured.stats, job.weights / job.tensor.count)
        self._finished(row_of(job, stats))

    def whole(self) -> tuple[FormatStats, ...]:
        """The sums over all jobs, format by format; the same to the last digit whichever was finished first."""
        sums = []
        for fmt in self._formats:
            last = self._last.get(fmt.name)
            if last is not None and self._jobs > 1:
                stats = self._sums[fmt.name].result()
                destroyed = stats.nan_count or stats.inf_count
                last = FormatStats(fmt, stats) if stats.count or destroyed else FormatStats(fmt, None, last.problem)
            if last is not None:
                sums.append(last)
        return tuple(sums)


def run_jobs(
    jobs: Sequence[Job],
    formats: Sequence[Format],
    progress: Progress,
    finished: Callable[[TensorErrors], None],
    *,
    identity: str = "",
    steps: bool = False,
    values: ValueMeter | None = None,
    workers: int | None = None,
) -> tuple[FormatStats, ...]:
    """Measure every job in every format and return the sums over all of them, format by format.

    `finished` is told each tensor when it is done. With an `identity` (that of the model file) what is measured is
    kept on disk, and what was kept is not measured again. `steps` also measures errors in steps and ranks blocks, for
    one tensor, of which nothing is kept then; `values` takes the weights of that one tensor. `workers` processes
    share the work, by default as many as the machine has use for; 0 works here. Raises Cancelled, or ModelFileError
    where the file can't be read.
    """
    gathered = _Gathered(formats, finished, SurveyCache(identity) if identity and not steps else None)
    todo = gathered.without_kept(jobs)
    work = _work(todo, values)
    if workers == 0 or (workers is None and work <= HERE_UP_TO):
        _run_here(todo, progress, gathered, steps=steps, values=values)
    elif todo:
        _run_pool(todo, progress, gathered, workers, steps=steps, values=values)
    return gathered.whole()


def _work(todo: Sequence[_Open], values: ValueMeter | None) -> int:
    """Weights times what is to be done with each, and those that are read to find a tensor's scale."""
    work = 0
    for item in todo:
        missing = item.missing
        work += item.job.weights * (len(missing) + (values is not None))
        work += item.job.tensor.count if needs_fit(missing) and item.job.tensor.count > FITTED else 0
    return work


def _run_here(
    todo: Sequence[_Open], progress: Progress, gathered: _Gathered, *, steps: bool, values: ValueMeter | None
) -> None:
    total = _work(todo, values)
    done = 0
    for work in todo:
        job, missing = work.job, work.missing

        def tick(count: int, name: str = job.tensor.name) -> None:
            nonlocal done
            done += count
            progress.tick(done, total, name)

        fit = None
        if needs_fit(missing):
            with TensorData(job.tensor) as data:
                fit = fitting_sample(data, tick)
        results = measure(
            job.tensor,
            missing,
            job.spans,
            importance=job.importance,
            steps=steps,
            fit=fit,
            values=values,
            tick=tick,
        )
        gathered.take(work, results)


def _run_pool(
    todo: Sequence[_Open],
    progress: Progress,
    gathered: _Gathered,
    workers: int | None,
    *,
    steps: bool,
    values: ValueMeter | None,
) -> None:
    total = _work(todo, values)
    parts = [split(work.job, rows_together(work.missing, row_length(work.job.tensor.shape))) for work in todo]
    for work, spans in zip(todo, parts, strict=True):
        work.parts = len(spans)

    def tasks() -> Iterator[Task]:
        for index, work in enumerate(todo):
            names = tuple(fmt.name for fmt in work.missing)
            for spans in parts[index]:
                yield Task(index, work.job.tensor, spans, names, work.job.importance, steps, values is not None)

    done, note = 0, todo[0].job.tensor.name
    with Pool(workers or workers_here()) as pool:
        for report in pool.reports(tasks()):
            if report is not None:
                done += report.done
                if report.values is not None and values is not None:
                    values.merge(report.values)
                if report.job >= 0:
                    work = todo[report.job]
                    note = work.job.tensor.name
                    work.add_part(report.outcomes)
                    if not work.parts:
                        gathered.take(work, work.sums)
            progress.tick(done, total, note)


def split(job: Job, together: int = 1) -> list[tuple[FlatRange, ...]]:
    """The job's ranges in parts of about PART weights, cut between rows, each of a multiple of `together` rows."""
    columns = row_length(job.tensor.shape)
    step = max(PART // (columns * together), 1) * together * columns
    parts: list[tuple[FlatRange, ...]] = []
    part: list[FlatRange] = []
    room = step
    for start, stop in job.spans:
        while start < stop:
            end = min(stop, start + room)
            part.append((start, end))
            room -= end - start
            start = end
            if room <= 0:
                parts.append(tuple(part))
                part, room = [], step
    if part:
        parts.append(tuple(part))
    return parts


def row_of(job: Job, stats: Mapping[str, FormatStats]) -> TensorErrors:
    """The survey's row for a measured tensor, with its `stats` by the format that was asked for."""
    tensor = job.tensor
    return TensorErrors(
        tensor.name,
        tensor.shape,
        tensor.dtype,
        tensor.count,
        job.weights,
        tuple(Measure.of(measured, tensor.shape, asked) for asked, measured in stats.items()),
        stored_quantized(tensor),
        counted=job.counted,
    )
