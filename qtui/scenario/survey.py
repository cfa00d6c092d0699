"""Measures many tensors in many formats: shares the work out, gathers the results, keeps what is finished."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qtui.compute.formats import Format
from qtui.compute.meter import Found
from qtui.compute.survey import Measure
from qtui.models.files import Tensor
from qtui.models.tensors import TensorData
from qtui.scenario.errors import TensorErrors
from qtui.scenario.measuring import Span, fitting_sample, measure, needs_fit
from qtui.scenario.progress import Progress


@dataclass(frozen=True)
class Job:
    """One tensor, and the flat ranges of it to measure."""

    tensor: Tensor
    spans: tuple[Span, ...]

    @property
    def weights(self) -> int:
        """Weights to measure."""
        return sum(stop - start for start, stop in self.spans)


def run_jobs(
    jobs: Sequence[Job],
    formats: Sequence[Format],
    progress: Progress,
    finished: Callable[[TensorErrors], None],
    *,
    identity: str = "",
    steps: bool = False,
) -> tuple[Found, ...]:
    """Measure every job in every format and return the sums over all of them, format by format.

    `finished` is told each tensor when it is done. Raises Cancelled, or ModelFileError where the file can't be read.
    """
    whole: list[Found] | None = None
    total = sum(job.weights for job in jobs) * len(formats)
    done = 0
    for job in jobs:

        def tick(count: int, name: str = job.tensor.name) -> None:
            nonlocal done
            done += count
            progress.tick(done, total, name)

        fit = None
        if needs_fit(formats):
            with TensorData(job.tensor) as data:
                fit = fitting_sample(data, job.spans)
        found = measure(job.tensor, formats, job.spans, steps=steps, fit=fit, tick=tick)
        finished(row_of(job, found))
        whole = list(found) if whole is None else [a.merge(b) for a, b in zip(whole, found, strict=True)]
    return tuple(whole or ())


def row_of(job: Job, found: Sequence[Found]) -> TensorErrors:
    """The survey's row for a measured tensor."""
    from qtui.scenario.errors_file import stored_quantized

    tensor = job.tensor
    measures = tuple(Measure.of(each, tensor.shape) for each in found)
    quantized = stored_quantized(tensor)
    return TensorErrors(tensor.name, tensor.shape, tensor.dtype, tensor.count, job.weights, measures, quantized)
