"""Remarks on a Quantizer Result: what was padded, what an error leaves out, what a picture does not show."""

from __future__ import annotations

import numpy as np

from qtui.compute.errors.meter import GathersRows, weighted_sums
from qtui.compute.errors.moments import root_mean
from qtui.scenario.quantizer.data import Numbers, file_of
from qtui.scenario.quantizer.result import Scheme
from qtui.scenario.quantizer.scenario import QuantizerScenario
from qtui.scenario.quantizer.schemes import importance_of


def _weighed(scenario: QuantizerScenario, schemes: tuple[Scheme, ...]) -> str:
    """The weighed RMSE of each scheme."""
    parts = []
    for scheme in schemes:
        weights = importance_of(scenario, scheme.stored.columns)
        assert weights is not None
        x, y = (values.reshape(-1, len(weights)) for values in (scheme.stored.x, scheme.stored.y))
        rmse = root_mean(weighted_sums(x, y, weights).error, len(x) * float(weights.sum(dtype=np.float64)))
        parts.append(f"{scheme.stored.label} RMSE {rmse:.4g}")
    return ", ".join(parts)


def notes_on(scenario: QuantizerScenario, numbers: Numbers, schemes: tuple[Scheme, ...]) -> tuple[str, ...]:
    """One sentence for each remark."""
    notes = []
    for scheme in schemes:
        if scheme.stored.padding:
            places = scheme.stored.columns + scheme.stored.padding
            held = scheme.format.block_size
            notes.append(f"{scheme.stored.label}: padded with zeros to {places}, since its blocks hold {held}")
    if scenario.importance:
        notes.append("weighed by importance: " + _weighed(scenario, schemes))
    left_out = schemes[0].stats.rel_left_out
    if left_out:
        weights = "1 weight that is" if left_out == 1 else f"{left_out:,} weights that are"
        notes.append(f"the average error leaves out {weights} exactly 0")
    if schemes[0].stats.bad_inputs:
        notes.append(f"the errors leave out numbers that are NaN or infinite: {schemes[0].stats.bad_inputs:,}")
    for scheme in schemes:
        if scheme.stats.bad_outputs:
            notes.append(
                f"{scheme.stored.label}: finite numbers that come back NaN or infinite: {scheme.stats.bad_outputs:,}"
            )
    if len(schemes[0].stored.x) < numbers.count:
        notes.append(f"pictures show the first {len(schemes[0].stored.x):,} of {numbers.count:,} weights")
        for scheme in schemes:
            codec, rows = scheme.format.codec, scheme.stored.rows
            if isinstance(codec, GathersRows) and rows % codec.rows_together(scheme.stored.columns):
                notes.append(f"{scheme.stored.label}: scales of several rows are of the first {rows} in pictures")
    if file_of(scenario) and scenario.row is None and numbers.rows > 1:
        notes.append(f"{numbers.rows:,} rows of {numbers.columns:,}; --row N shows one of them")
    return tuple(notes)
