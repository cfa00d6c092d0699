"""How far stored weights are from the originals: statistics that merge, signed histograms, worst blocks.

`stats.py` says what is known of the errors; `accumulate.py` measures pairs of arrays chunk by chunk in constant
memory, with `moments.py` (sums), `keys.py` (exact counts), `steps.py` and `blocks.py`. `meter.py` runs formats over
rows. `survey.py` and `overlay.py` sum tensors up and bring histograms to one axis. `values.py` looks at the weights
themselves, `int8_rows.py` at what one scale for a row of int8 would lose.
"""

from __future__ import annotations

from qtui.compute.errors.accumulate import ErrorAccumulator, error_stats
from qtui.compute.errors.int8_rows import RowErrorMeter, RowErrors, int8_row_errors
from qtui.compute.errors.keys import Histogram
from qtui.compute.errors.meter import measure
from qtui.compute.errors.stats import ErrorStats

__all__ = [
    "ErrorAccumulator",
    "ErrorStats",
    "Histogram",
    "RowErrorMeter",
    "RowErrors",
    "error_stats",
    "int8_row_errors",
    "measure",
]
