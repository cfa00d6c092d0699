"""What is measured for a Scenario, whichever way it is shown afterwards, and the measurement of drawn numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtui.compute.arrays import chunks
from qtui.compute.data import draw
from qtui.compute.errors.meter import FormatStats, Meter
from qtui.compute.errors.survey import Measure
from qtui.compute.errors.values import ValueMeter, ValueStats
from qtui.compute.formats import Format
from qtui.scenario.base import user_input
from qtui.scenario.errors.result import TensorErrors
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.progress import Progress

if TYPE_CHECKING:  # the readers of files
    from qtui.models.files.model_file import Tensor
    from qtui.scenario.errors.file import OpenedFile

COLUMNS = 4096  # of a distribution's rows


@dataclass(frozen=True)
class Measurement:
    """Errors of `formats` on `rows`; `whole` has the full statistics of all counted rows together, format by format.

    `tensor` is the one tensor that was chosen, None for several or drawn numbers; `values` its weights. `expected` is
    how many rows there will be at the end.
    """

    title: str
    kind: str
    formats: tuple[Format, ...]
    rows: tuple[TensorErrors, ...]
    whole: tuple[FormatStats, ...]
    expected: int
    file: OpenedFile | None = None
    tensor: Tensor | None = None
    values: ValueStats | None = None


def measured_by(s: ErrorsScenario, identity: str = "") -> tuple[object, ...]:
    """What of a Scenario decides what is measured, the rest being how it is shown; `identity` is the model's."""
    if s.path:
        return (s.view, s.path, identity, s.tensor if s.view != "survey" else "", s.format, s.exact, s.sample)
    return (s.view, s.data, s.count, s.seed, s.spread, s.strength, s.format)


def measure_numbers(scenario: ErrorsScenario, formats: tuple[Format, ...], progress: Progress) -> Measurement:
    """Draw the numbers, as rows of 4096 where they divide so, and measure the formats on them."""
    s = scenario
    with user_input():
        x = draw(s.data, s.count, seed=s.seed, spread=s.spread, strength=s.strength)
    x = x.reshape(-1, COLUMNS) if x.size % COLUMNS == 0 else x.reshape(1, -1)
    meter = Meter(formats, steps=True, fit=x)
    values = ValueMeter()
    done = 0
    for part in chunks(len(x), x.shape[1]):
        start = part.start * x.shape[1]
        values.add(x[part], start)
        for index in range(len(formats)):
            progress.tick(done, x.size * len(formats), s.data)
            meter.add(x[part], index, start)
            done += x[part].size
    whole = meter.results()
    shape = x.shape if len(x) > 1 else (x.size,)
    row = TensorErrors(s.data, shape, "float32", x.size, x.size, tuple(Measure.of(stats, shape) for stats in whole))
    title = f"{s.data}, {x.size:,} number{'s' * (x.size != 1)}, seed {s.seed}"
    return Measurement(title, "distribution", formats, (row,), whole, 1, values=values.result())
