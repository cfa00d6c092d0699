"""How far stored weights are from the originals: statistics that merge, signed histograms, worst blocks.

`ErrorStats.of(x, y)` measures one pair of arrays; `ErrorAccumulator` does the same chunk by chunk in constant
memory; two ErrorStats of parts of a tensor `merge` into those of the whole.
"""

from __future__ import annotations

from qtui.compute.errors.accumulate import ErrorAccumulator
from qtui.compute.errors.keys import Histogram
from qtui.compute.errors.measure import measure
from qtui.compute.errors.rows8 import RowErrorMeter, RowErrors, int8_row_errors
from qtui.compute.errors.stats import ErrorStats

__all__ = ["ErrorAccumulator", "ErrorStats", "Histogram", "RowErrorMeter", "RowErrors", "int8_row_errors", "measure"]
