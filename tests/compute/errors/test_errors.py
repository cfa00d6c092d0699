"""Error statistics against the plain formulas, merged in any way, with NaN, infinities and odd shapes."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from qtui.compute.errors import ErrorAccumulator, ErrorStats, error_stats
from qtui.compute.errors.keys import KeyCounts

VECTOR = np.array([-0.89, 0.16, 0.08, -0.13, 0.16, -0.54], np.float32)
SIDES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=40)
ANY = st.floats(width=32, allow_nan=True, allow_infinity=True)
TAME = st.floats(-1e3, 1e3, width=32)


def pair(seed: int = 0, rows: int = 33, columns: int = 500) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = (rng.standard_normal((rows, columns)) * 0.02).astype(np.float32)
    x[rng.random(x.shape) < 0.01] = 0
    step = (np.abs(x).max(axis=1, keepdims=True) / 7).astype(np.float32)
    return x, (np.rint(x / step) * step).astype(np.float32), step


def test_statistics_equal_the_plain_formulas() -> None:
    x, y, step = pair()
    stats = error_stats(x, y, step)
    e = (y - x).astype(np.float64)
    wide = x.astype(np.float64)
    nonzero = x != 0
    assert stats.count == x.size
    assert stats.rmse == pytest.approx(np.sqrt(np.mean(e**2)), rel=1e-6)
    assert stats.relative_rmse == pytest.approx(np.linalg.norm(e) / np.linalg.norm(wide), rel=1e-6)
    assert stats.sqnr_db == pytest.approx(10 * np.log10((wide**2).sum() / (e**2).sum()), rel=1e-6)
    assert stats.max_abs_error == np.abs(e).max()
    assert stats.max_index == np.abs(e).argmax()
    assert stats.mean_error == pytest.approx(e.mean(), rel=1e-5)
    assert stats.mean_abs_error == pytest.approx(np.abs(e).mean(), rel=1e-6)
    assert stats.mean_rel_error == pytest.approx((np.abs(e)[nonzero] / np.abs(wide)[nonzero]).mean(), rel=1e-6)
    assert stats.rel_left_out == stats.zeros_before == np.count_nonzero(x == 0)
    assert stats.zeros_after == np.count_nonzero(y == 0)
    cosine = (wide * y).sum() / np.linalg.norm(wide) / np.linalg.norm(y.astype(np.float64))
    assert stats.cosine == pytest.approx(cosine, rel=1e-6)
    assert stats.steps is not None
    assert stats.steps.rms == pytest.approx(np.sqrt(((e / step) ** 2).mean()), rel=1e-6)


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99, 0.999])
@pytest.mark.parametrize("size", [1.0, 1e-37, 1e-38, 1e-39, 1e-41])
def test_quantiles_are_within_a_key(share: float, size: float) -> None:
    e = np.random.default_rng(0).normal(0, size, 30_000).astype(np.float32)
    result = error_stats(np.zeros_like(e), e).quantile(share)
    assert result == pytest.approx(np.quantile(np.abs(e.astype(np.float64)), share), rel=0.008, abs=2.0**-133)


def test_histogram_counts_are_exact() -> None:
    x, y, _ = pair()
    e = y - x
    for bins, limit in ((512, None), (128, None), (40, 0.004), (64, 0.1)):
        histogram = error_stats(x, y).histogram(bins, limit)
        assert len(histogram.counts) <= bins
        assert histogram.total == x.size
        half = len(histogram.counts) // 2
        above, _ = np.histogram(np.abs(e[e >= 0]), np.append(histogram.edges[half:], np.inf))
        below, _ = np.histogram(np.abs(e[e < 0]), np.append(histogram.edges[half:], np.inf))
        assert np.array_equal(histogram.counts[half:], above[:-1])
        assert np.array_equal(histogram.counts[:half][::-1], below[:-1])
        assert (histogram.below, histogram.above) == (below[-1], above[-1])


def test_the_ideal_shape_is_uniform_over_half_a_step() -> None:
    rng = np.random.default_rng(5)
    x = rng.uniform(-1, 1, (64, 4096)).astype(np.float32)
    step = np.full((64, 1), 0.25, np.float32)
    stats = error_stats(x, np.rint(x * 4) / 4, step)
    histogram = stats.histogram(64)
    ideal = stats.ideal(histogram.edges)
    assert ideal is not None
    assert ideal.sum() == pytest.approx(x.size, rel=5e-3)
    assert np.abs(ideal - histogram.counts).max() < 0.05 * x.size / 64
    assert stats.clipped_share == 0
    assert stats.steps is not None
    in_steps = stats.steps.counts.histogram(64)
    assert in_steps.edges[-1] == 0.5 and in_steps.total == x.size


def test_clipped_weights_are_counted() -> None:
    stats = error_stats([0.0, 1.0, 2.0, 3.7, -9.0], [0.0, 1.0, 2.0, 3.0, -3.0], step=1.0)
    assert stats.clipped_share == 2 / 5
    assert stats.steps is not None and stats.steps.largest == 6


def test_worst_blocks_say_where() -> None:
    x = np.ones((4, 100), np.float32)
    y = x.copy()
    y[2, 70] = 1.5
    y[3, 99] = 1.25
    worst = error_stats(x, y).worst_blocks
    assert [(block.start, block.size, block.squared_error) for block in worst] == [(264, 32, 0.25), (396, 4, 0.0625)]
    assert worst[0].rmse == pytest.approx(math.sqrt(0.25 / 32))
    assert worst[0].sqnr_db == pytest.approx(10 * math.log10(32 / 0.25))


def test_cutting_the_data_changes_nothing() -> None:
    x, y, step = pair(rows=40, columns=4096)
    whole = error_stats(x, y, step)
    accumulator = ErrorAccumulator()
    for top in range(0, 40, 7):
        rows = slice(top, top + 7)
        accumulator.add(x[rows], y[rows], step[rows], offset=top * 4096)
    assert_same(accumulator.result(), whole)


def test_a_long_row_is_cut_at_its_groups() -> None:
    rng = np.random.default_rng(2)
    x = rng.standard_normal((1, 200_000)).astype(np.float32)
    step = np.full((1, 6250), 0.5, np.float32)
    stats = error_stats(x, np.rint(x * 2) / 2, step)
    assert stats.steps is not None and stats.steps.count == 200_000
    per_row = error_stats(x, np.rint(x * 2) / 2, 0.5)
    assert per_row.steps is not None and per_row.steps.count == 200_000
    assert np.array_equal(per_row.steps.counts.counts, stats.steps.counts.counts)


def test_a_short_last_group_has_its_own_step() -> None:
    stats = error_stats([1.0, 1.0, 1.0], [1.5, 1.5, 1.5], [[0.5, 2.0]], group=2)
    assert stats.steps is not None
    assert stats.steps.square == 1 + 1 + 0.0625


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_merge_is_associative_and_commutative(data: st.DataObject) -> None:
    shape = data.draw(SIDES)
    x, y = (data.draw(hnp.arrays(np.float32, shape, elements=TAME)) for _ in range(2))
    rows = shape[0]
    cuts = sorted(data.draw(st.tuples(st.integers(0, rows), st.integers(0, rows))))
    parts = []
    for top, bottom in zip([0, *cuts], [*cuts, rows], strict=True):
        accumulator = ErrorAccumulator(8)
        accumulator.add(x[top:bottom], y[top:bottom], 0.5, offset=top * shape[1])
        parts.append(accumulator.result())
    a, b, c = parts
    assert_same(a.merge(b).merge(c), a.merge(b.merge(c)))
    assert_same(c.merge(a).merge(b), error_stats(x, y, 0.5, block=8))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_bad_values_are_counted_and_left_out(data: st.DataObject) -> None:
    shape = data.draw(SIDES)
    x, y = (data.draw(hnp.arrays(np.float32, shape, elements=ANY)) for _ in range(2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stats = error_stats(x, y, np.full((shape[0], 1), 0.125, np.float32))
        figures = [getattr(stats, name) for name in dir(stats) if not name.startswith("_") and name != "of"]
        stats.histogram()
    assert figures
    with np.errstate(all="ignore"):
        good = np.isfinite(x) & np.isfinite(y - x)
    assert stats.count == np.count_nonzero(good)
    assert stats.bad_inputs == np.count_nonzero(~np.isfinite(x))
    assert stats.bad_inputs + stats.bad_outputs + stats.count == x.size
    clean = error_stats(x[good], y[good], 0.125)
    assert stats.counts.total == clean.counts.total == stats.count
    assert stats.zeros_before == clean.zeros_before
    assert stats.moments.e2 == pytest.approx(clean.moments.e2)
    if stats.steps and clean.steps:
        assert stats.steps.clipped == clean.steps.clipped


def test_nothing_to_measure() -> None:
    for x in (np.zeros(0), np.zeros((0, 4)), np.zeros((4, 0)), np.array([np.nan])):
        stats = error_stats(x, x)
        assert stats.count == 0
        assert math.isnan(stats.rmse) and math.isnan(stats.sqnr_db) and math.isnan(stats.quantile(0.5))
        assert stats.histogram().counts.sum() == 0


def test_no_error_at_all() -> None:
    stats = error_stats(VECTOR, VECTOR)
    assert (stats.rmse, stats.sqnr_db, stats.max_abs_error, stats.quantile(0.99)) == (0, math.inf, 0, 0)
    assert stats.histogram().counts.sum() == 6


def test_shapes_that_disagree_are_named() -> None:
    with pytest.raises(ValueError, match=r"\(6,\).*\(3,\)"):
        error_stats(VECTOR, VECTOR[:3])
    with pytest.raises(ValueError, match="do not fit"):
        error_stats(VECTOR, VECTOR, [[1, 2, 3, 4]])
    with pytest.raises(ValueError, match="blocks of 32"):
        error_stats(VECTOR, VECTOR).merge(error_stats(VECTOR, VECTOR, block=64))


def test_keys_keep_every_pattern() -> None:
    values = np.array([0.0, -0.0, 1e-45, np.inf, -np.inf, np.nan, 3.4e38], np.float32)
    counts = KeyCounts.of(values)
    assert counts.total == 7
    histogram = counts.histogram(16)
    assert (histogram.above, histogram.below, histogram.counts.sum()) == (2, 1, 4)


def assert_same(a: ErrorStats, b: ErrorStats) -> None:
    # Sums of signed terms are as exact as the sums of their magnitudes.
    slack = {"e": a.max_abs_error, "xy": a.absmax * (a.absmax + a.max_abs_error)}
    for name, value in vars(a.moments).items():
        allowed = 1e-9 + 1e-6 * a.count * slack.get(name, 0)
        assert value == pytest.approx(getattr(b.moments, name), rel=5e-6, abs=allowed), name
    assert (a.absmax, a.max_abs_error, a.max_index) == (b.absmax, b.max_abs_error, b.max_index)
    assert np.array_equal(a.counts.keys, b.counts.keys) and np.array_equal(a.counts.counts, b.counts.counts)
    assert (a.steps is None) == (b.steps is None)
    if a.steps and b.steps:
        assert (a.steps.count, a.steps.clipped, a.steps.largest) == (b.steps.count, b.steps.clipped, b.steps.largest)
        assert np.array_equal(a.steps.counts.counts, b.steps.counts.counts)
        assert np.array_equal(a.steps.sizes.counts, b.steps.sizes.counts)
    assert a.blocks is not None and b.blocks is not None
    assert np.array_equal(a.blocks.db_counts, b.blocks.db_counts)
    # Blocks of equal error may come in any order: how a sum is rounded depends on how the data was cut.
    errors, others = ([w.squared_error for w in stats.blocks.worst] for stats in (a, b))
    assert errors == pytest.approx(others, rel=2e-6)


def test_zeros_of_either_sign_share_a_bin() -> None:
    zeros = KeyCounts.of(np.array([0.0, -0.0, -0.0, 1.0, -1.0], np.float32)).histogram(8)
    assert zeros.counts[len(zeros.counts) // 2] == 3 and zeros.total == 5


def test_merged_tensors_sum_to_the_same_digits_in_any_order() -> None:
    rng = np.random.default_rng(7)
    parts = []
    for scale in 10.0 ** rng.uniform(-6, 6, 40):
        x = (scale * rng.normal(size=(4, 64))).astype(np.float32)
        parts.append(error_stats(x, x + np.float32(scale / 100) * rng.normal(size=x.shape).astype(np.float32)))
    sums = []
    for order in (range(40), reversed(range(40)), rng.permutation(40)):
        accumulator = ErrorAccumulator(None)
        for index in order:
            accumulator.merge(parts[index])
        sums.append(accumulator.result())
    assert sums[0].moments == sums[1].moments == sums[2].moments
    assert sums[0].count == 40 * 256 and sums[0].counts.total == 40 * 256
    assert sums[0].max_abs_error == max(part.max_abs_error for part in parts)
