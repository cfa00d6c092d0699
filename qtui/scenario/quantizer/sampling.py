"""Many weights in few columns: what pictures need that depends on how wide they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qtui.compute.quantizer.grid import staircase
from qtui.scenario.quantizer.result import QuantizerResult, SampledWeights, Sampling, Scheme, Spot, Staircase, Strips

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


def with_samples(result: QuantizerResult, sampling: Sampling) -> QuantizerResult:
    """`result` with its staircases, histogram and strips in the columns of `sampling`."""
    inputs = np.linspace(*result.reach, max(sampling.stairs, 2))
    stairs = tuple(
        _staircase(scheme, spot, inputs) for scheme, spot in zip(result.schemes, result.spots, strict=True)
    )
    sampled = SampledWeights(stairs, _histogram(result, sampling.histogram), _strips(result, sampling.strips))
    return replace(result, sampled=sampled)


def _staircase(scheme: Scheme, spot: Spot, inputs: F64) -> Staircase:
    outputs = staircase(scheme.stored, spot.group.levels, inputs)
    with np.errstate(invalid="ignore"):
        errors = np.abs(outputs - inputs)
    largest = float(errors.max()) if np.all(np.isfinite(errors)) else None
    return Staircase(tuple(inputs.tolist()), tuple(outputs.tolist()), tuple(errors.tolist()), largest)


def _histogram(result: QuantizerResult, bins: int) -> tuple[int, ...]:
    weights = result.schemes[0].stored.x
    counts, _ = np.histogram(weights[np.isfinite(weights)].astype(np.float64), bins=max(bins, 1), range=result.reach)
    return tuple(counts.tolist())


def _strips(result: QuantizerResult, columns: int) -> Strips:
    schemes = result.schemes
    edges = np.linspace(0, len(schemes[0].error), max(columns, 1) + 1).astype(np.int64)
    return Strips(
        starts=tuple(edges[:-1].tolist()),
        here=_column(edges, result.at),
        weights=_peaks(schemes[0].magnitude, edges),
        scales=tuple(_peaks(scheme.scales, edges) for scheme in schemes),
        errors=tuple(_peaks(scheme.error, edges) for scheme in schemes),
    )


def _column(edges: I64, at: int) -> int:
    """The column between `edges` that has weight `at`, the middle one where it has several."""
    last = int(np.searchsorted(edges, at, side="right")) - 1
    return (min(int(np.searchsorted(edges, at)), last) + last) // 2


def _peaks(values: F64, edges: I64) -> tuple[float, ...]:
    """The largest of `values` between each two edges; where there are more pieces than values they repeat."""
    finite = np.where(np.isfinite(values), values, 0.0)
    starts = np.minimum(edges[:-1], len(values) - 1)
    peaks = np.maximum.reduceat(finite, starts) if len(values) > len(starts) else finite[starts]
    return tuple(peaks.tolist())
