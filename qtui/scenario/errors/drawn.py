"""Errors on seeded numbers."""

from __future__ import annotations

from qtui.compute.chunks import chunks
from qtui.compute.data import draw
from qtui.compute.errors.meter import Meter
from qtui.compute.errors.survey import Measure
from qtui.compute.errors.values import ValueMeter
from qtui.compute.formats import Format
from qtui.scenario.errors.scenario import COLUMNS, ErrorsResult, ErrorsScenario, TensorErrors
from qtui.scenario.progress import Progress


def solve_draw(scenario: ErrorsScenario, formats: tuple[Format, ...], progress: Progress) -> ErrorsResult:
    """Draw the numbers, as rows of 4096 where they divide so, and measure the formats on them."""
    x = draw(scenario.data, scenario.count, seed=scenario.seed, spread=scenario.spread, strength=scenario.strength)
    x = x.reshape(-1, COLUMNS) if x.size % COLUMNS == 0 else x.reshape(1, -1)
    meter = Meter(formats, steps=True, fit=x)
    values = ValueMeter()
    done = 0
    for part in chunks(len(x), x.shape[1]):
        start = part.start * x.shape[1]
        values.add(x[part], start)
        for index in range(len(formats)):
            progress.tick(done, x.size * len(formats), scenario.data)
            meter.add(x[part], index, start)
            done += x[part].size
    found = meter.results()
    shape = x.shape if len(x) > 1 else (x.size,)
    measures = tuple(Measure.of(each, shape) for each in found)
    row = TensorErrors(scenario.data, shape, "float32", x.size, x.size, measures)
    title = f"{scenario.data}, {x.size:,} numbers, seed {scenario.seed}"
    return ErrorsResult(scenario, title, "distribution", formats, (row,), found, values=values.result())
