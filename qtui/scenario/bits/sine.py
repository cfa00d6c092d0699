"""The sine of the Bits pane: the curve as each format would store it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from qtui.compute.floats import exact
from qtui.compute.floats.arrays import MAX_BITS
from qtui.compute.floats.layout import FloatFormat, NumberFormat
from qtui.compute.floats.real import from_float
from qtui.compute.floats.rounding import round_array
from qtui.scenario.bits.result import BitsResult, SineWindow, Wave

POINTS = 256  # at which a curve is compared with the exact one
FURTHEST = 1e6  # beyond it a float64 sine says little about the format


def sine(result: BitsResult, columns: int) -> SineWindow:
    """`columns` points of one turn of the sine, or of a window about the value that is `zoom` times smaller."""
    cursor = result.entered.to_float() if result.entered.finite else 0.0
    cursor = cursor if abs(cursor) < FURTHEST else 0.0
    if result.zoom == 1:
        start = math.tau * math.floor(cursor / math.tau)
        stop, low, high = start + math.tau, -1.0, 1.0
    else:
        middle, width = math.sin(cursor), 1 / result.zoom
        start, stop = cursor - math.pi * width, cursor + math.pi * width
        low, high = middle - width, middle + width
    finer = -(-POINTS // (columns - 1))  # the largest error is that of the curve, however few points are drawn
    x = np.linspace(start, stop, finer * (columns - 1) + 1)
    y = np.append(np.sin(x), math.sin(cursor))
    waves = [Wave(None, tuple(y[:-1:finer].tolist()), float(y[-1]))]
    for fmt in result.stacked:
        values = _stored(result, fmt, y)
        off = float(np.nanmax(np.abs(np.nan_to_num(values, nan=0.0) - y)))
        waves.append(Wave(fmt, tuple(values[:-1:finer]), values[-1], off))
    return SineWindow(tuple(x[::finer].tolist()), low, high, cursor, tuple(waves))


def _stored(result: BitsResult, fmt: NumberFormat, values: NDArray[np.float64]) -> list[float]:
    if isinstance(fmt, FloatFormat) and fmt.bits <= MAX_BITS:
        rounded: list[float] = round_array(values, fmt, result.rounding, result.saturate, result.seed).tolist()
        return rounded
    how = (result.rounding, result.saturate, result.seed)
    return [fmt.real(exact.encode(fmt, from_float(value), *how)).to_float() for value in values.tolist()]
