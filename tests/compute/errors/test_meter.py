"""Measuring formats in pieces gives what measuring them at once gives; problems are told, not raised."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qtui.compute.data import draw
from qtui.compute.errors import error_stats
from qtui.compute.errors.meter import Meter, weighted_sums
from qtui.compute.errors.moments import decibels
from qtui.compute.errors.survey import Measure, total
from qtui.compute.formats import get_format

X = draw("student-t", 1 << 15, seed=3).reshape(-1, 1024)


def test_in_pieces_equals_at_once() -> None:
    fmt = get_format("Q4_0")
    meter = Meter([fmt])
    for row in range(0, len(X), 5):
        meter.add(X[row : row + 5], 0, row * X.shape[1])
    (result,) = meter.results()
    whole = error_stats(X, fmt.codec.decode(fmt.codec.encode(X)))
    assert result.stats is not None
    assert result.stats.rmse == pytest.approx(whole.rmse, rel=1e-12)
    assert result.stats.max_abs_error == whole.max_abs_error and result.stats.max_index == whole.max_index
    assert np.array_equal(result.stats.histogram().counts, whole.histogram().counts)


@pytest.mark.parametrize("scale", [1.0, 2.0**-60])
def test_standard_errors_of_a_sample_are_those_of_its_rows(scale: float) -> None:
    x = X[:, :256] * np.float32(scale) * np.geomspace(1, 8, len(X), dtype=np.float32)[:, None]
    fmt = get_format("int4:block=32")
    meter = Meter([fmt], sample=True)
    for row in range(0, len(x), 5):
        meter.add(x[row : row + 5], 0, row * x.shape[1])
    stats = meter.results()[0].stats
    assert stats is not None
    e = fmt.codec.decode(fmt.codec.encode(x)).astype(np.float64) - x
    rows, (e2, x2) = len(x), ((v**2).sum(axis=1) for v in (e, x.astype(np.float64)))
    for values, result in ((e, stats.moments.e_error), (e**2, stats.moments.e2_error)):
        assert result == pytest.approx(values.mean(axis=1).std(ddof=1) / np.sqrt(rows), rel=1e-5)
    ratio = e2.sum() / x2.sum()
    spread = np.sqrt(((e2 - ratio * x2) ** 2).sum() / (rows - 1) / rows) / x2.mean()
    assert stats.moments.noise_error == pytest.approx(spread, rel=1e-4)
    assert np.isnan(error_stats(x, x).moments.e_error)


def test_rows_that_do_not_fit_are_a_problem_and_the_other_formats_go_on() -> None:
    meter = Meter([get_format("Q4_0"), get_format("int8:row")])
    for index in range(2):
        meter.add(np.ones((3, 50), np.float32), index)
    bad, good = meter.results()
    assert bad.stats is None and bad.problem == "rows of 50 weights are no whole blocks of 32"
    assert good.stats is not None and good.stats.count == 150
    assert bad.merge(good) is good and good.merge(bad) is good


def test_errors_in_steps_stay_within_half_a_step() -> None:
    meter = Meter([get_format("Q8_0")], steps=True)
    meter.add(X, 0)
    stats = meter.results()[0].stats
    assert stats is not None and stats.steps is not None
    assert 0.25 < stats.steps.rms < 0.32 and stats.steps.largest < 0.5625


def test_importance_weighs_columns() -> None:
    x = np.array([[1, 2], [3, 4]], np.float32)
    y = np.array([[1, 1], [3, np.inf]], np.float32)
    outcome = weighted_sums(x, y, np.array([1, 10], np.float32))
    assert outcome.error == 10 and outcome.energy == 1 + 9 + 40
    meter = Meter([get_format("Q8_0")], importance=np.ones(1024, np.float32))
    meter.add(X, 0)
    (result,) = meter.results()
    assert result.weighted is not None and result.stats is not None
    assert result.weighted.error == pytest.approx(result.stats.moments.e2)


def test_measure_keeps_the_figures() -> None:
    meter = Meter([get_format("Q4_0")])
    meter.add(X, 0)
    (result,) = meter.results()
    assert result.stats is not None
    measure, stats = Measure.of(result, X.shape), result.stats
    assert (measure.rmse, measure.sqnr_db, measure.cosine) == (stats.rmse, stats.sqnr_db, stats.cosine)
    assert measure.nbytes == X.size * 18 // 32 and measure.bits_per_weight == 4.5
    assert measure.histogram is not None and measure.histogram.total == X.size
    assert measure.noise == pytest.approx(10 ** (-stats.sqnr_db / 10))


def test_total_weighs_by_size_and_leaves_out_what_is_missing() -> None:
    meter = Meter([get_format("Q4_0")])
    meter.add(X, 0)
    one = Measure.of(meter.results()[0], X.shape)
    exact = Measure("Q4_0", 4.5, 18, moments=one.moments.__class__(count=32, x2=1.0))
    both = total([(X.size, one), (X.size, exact), (7, Measure("Q4_0", 4.5, 9, problem="no"))])
    assert both.tensors == 2 and both.missing == 1 and both.count == 2 * X.size
    assert both.sqnr_db == pytest.approx(one.sqnr_db + 10 * math.log10(2))
    assert decibels(0, 0) != decibels(0, 0) and decibels(1, 0) == math.inf and decibels(0, 1) == -math.inf
