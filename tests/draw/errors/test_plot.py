"""Plots of error histograms: narrow bins put together for any width."""

from __future__ import annotations

import numpy as np
import pytest

from qtui.compute.data import draw
from qtui.compute.errors import ErrorStats, error_stats
from qtui.compute.errors.meter import Meter
from qtui.compute.errors.overlay import FineBins, overlay
from qtui.compute.formats import get_format
from qtui.draw.errors.plot import fitted

X = draw("laplace", 64 * 256, seed=3).reshape(64, 256)


def measured() -> list[tuple[str, ErrorStats]]:
    meter = Meter([get_format("Q4_0"), get_format("Q8_0")], steps=True)
    for index in range(2):
        meter.add(X, index)
    stats = [(item.format.name, item.stats) for item in meter.results() if item.stats is not None]
    return [*stats, ("rounded", error_stats(X, X.astype(np.float16)))]


@pytest.mark.parametrize("room", [8, 63, 120, 700])
@pytest.mark.parametrize("steps", [False, True])
def test_no_error_is_lost(room: int, steps: bool) -> None:
    stats = measured()
    shown = fitted(overlay(stats, steps=steps, even=True), room)
    assert shown.names == (("Q4_0", "Q8_0") if steps else ("Q4_0", "Q8_0", "rounded"))
    assert shown.missing == (("rounded",) if steps else ())
    assert shown.bins <= room and shown.low == -shown.high and shown.outside == 0
    assert all(sum(counts) == X.size for counts in shown.counts)
    closer = fitted(overlay(stats, steps=steps, zoom=3), room)
    assert closer.high == shown.high / 8 and closer.outside > 0 and sum(closer.counts[0]) < X.size
    assert shown.ideal is not None and sum(shown.ideal) == pytest.approx(X.size, rel=1e-3)
    assert closer.ideal is None


@pytest.mark.parametrize("room", [2, 10, 63, 120, 300, 511, 600])
def test_bins_put_together_are_those_of_a_histogram_made_for_the_room(room: int) -> None:
    stats = measured()
    for zoom in (0, 2, 5):
        shown = fitted(overlay(stats, zoom=zoom), room)
        for (_, item), counts in zip(stats, shown.counts, strict=True):
            made = item.histogram(shown.bins, shown.high)
            assert made.counts.tolist() == list(counts) and made.edges[-1] == shown.high


def test_an_array_of_zeros_can_be_drawn() -> None:
    stats = error_stats(np.zeros(64, np.float32), np.zeros(64, np.float32))
    shown = fitted(overlay([("F", stats)]), 60)
    assert sum(shown.counts[0]) == 64 and shown.outside == 0
    assert FineBins.of(stats.counts, float("nan")).limit == 1.0
