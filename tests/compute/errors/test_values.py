"""What the weights of a tensor look like, measured in pieces."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from qtui.compute.data import draw
from qtui.compute.errors import int8_row_errors
from qtui.compute.errors.values import OUTLIERS, ValueMeter


def test_moments_are_numpys_and_pieces_do_not_matter() -> None:
    x = draw("student-t", 50_000, seed=1)
    meter = ValueMeter()
    for start in range(0, x.size, 7_777):
        meter.add(x[start : start + 7_777], start)
    result, wide = meter.result(), x.astype(np.float64)
    assert result.count == x.size and result.low == x.min() and result.high == x.max()
    assert result.mean == pytest.approx(wide.mean()) and result.sigma == pytest.approx(wide.std())
    assert result.kurtosis == pytest.approx(((wide - wide.mean()) ** 4).mean() / wide.var() ** 2)
    order = np.argsort(-np.abs(x), kind="stable")[:OUTLIERS]
    assert [item.index for item in result.outliers] == order.tolist()
    assert [item.value for item in result.outliers] == [float(x[i]) for i in order]
    assert result.histogram(64).total == x.size


def test_what_is_not_finite_is_counted_alone() -> None:
    meter = ValueMeter()
    meter.add(np.array([np.nan, 1.0, -np.inf, 0.0, -3.0], np.float32), 10)
    result = meter.result()
    assert (result.count, result.bad, result.zeros) == (3, 2, 1)
    assert [(item.index, item.value) for item in result.outliers] == [(14, -3.0), (11, 1.0)]


def test_nothing_at_all() -> None:
    assert ValueMeter().result().count == 0
    meter = ValueMeter()
    meter.add(np.zeros(8, np.float32))
    assert meter.result().outliers == () and np.isnan(meter.result().kurtosis)


def test_two_meters_together_have_taken_what_one_takes() -> None:
    x = draw("student-t", 64 * 1000, seed=5).reshape(64, 1000)
    whole, first, second = ValueMeter(), ValueMeter(), ValueMeter()
    whole.add(x)
    first.add(x[:10])
    second.add(x[10:40], 10_000)
    second.add(x[40:], 40_000)
    second = pickle.loads(pickle.dumps(second))
    first.merge(second)
    one, other = whole.result(), first.result()
    assert one.outliers == other.outliers and (one.count, one.low, one.high) == (other.count, other.low, other.high)
    assert np.array_equal(one.counts.counts, other.counts.counts) and one.sigma == pytest.approx(other.sigma)
    assert one.by_row.max_abs_error == other.by_row.max_abs_error
    assert one.by_row.sqnr_db == pytest.approx(int8_row_errors(x).sqnr_db) == pytest.approx(other.by_row.sqnr_db)
    second.renumber(lambda index: index - 10_000)
    assert {item.index for item in second.result().outliers} <= set(range(54_000))
