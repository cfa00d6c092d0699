"""The one-pass int8 statistics against the codec and the full statistics."""

import math
import warnings

import numpy as np
import pytest

from qtui.compute.errors import int8_row_errors, measure
from qtui.compute.formats import get_format

CODEC = get_format("int8:row,rule=torchao,narrow").codec


def weights(rows: int, columns: int) -> np.ndarray:
    return (np.random.default_rng(6).standard_t(4, (rows, columns)) * 0.02).astype(np.float32)


@pytest.mark.parametrize("shape", [(100, 4096), (3, 200_001), (1, 1), (7, 33)])
def test_figures_are_those_of_the_codec(shape: tuple[int, int]) -> None:
    x = weights(*shape)
    quick, full = int8_row_errors(x), measure(CODEC, x)
    assert (quick.count, quick.moments.bad_inputs) == (full.count, 0)
    slack = 1e-7 * float(np.abs(x).max())
    assert quick.rmse == pytest.approx(full.rmse, rel=1e-4, abs=slack)
    assert quick.max_abs_error == pytest.approx(full.max_abs_error, rel=1e-4, abs=slack)
    assert quick.mean_error == pytest.approx(full.mean_error, abs=1e-4 * full.mean_abs_error + slack)
    assert min(quick.sqnr_db, 100) == pytest.approx(min(full.sqnr_db, 100), abs=1e-3)


def test_every_error_is_in_its_bin() -> None:
    x = weights(64, 4096)
    scale = np.abs(x).max(axis=1, keepdims=True) / np.float32(127)
    scaled = x * (1 / scale)
    histogram = int8_row_errors(x).histogram()
    counts, _ = np.histogram((np.rint(scaled) - scaled).astype(np.float64), histogram.edges)
    assert histogram.total == x.size
    # float32 decides on which side of an edge an error lies that is on it
    assert np.abs(histogram.counts - counts).sum() <= 40
    assert histogram.edges[0] == pytest.approx(-0.5, abs=1e-4) and histogram.edges[-1] == pytest.approx(0.5, abs=1e-4)


def test_parts_merge_into_the_whole() -> None:
    x = weights(50, 4096)
    whole, parts = int8_row_errors(x), int8_row_errors(x[:20]).merge(int8_row_errors(x[20:]))
    assert np.array_equal(whole.bins, parts.bins)
    assert (whole.count, whole.max_abs_error) == (parts.count, parts.max_abs_error)
    assert (whole.moments.e2, whole.moments.x2) == pytest.approx((parts.moments.e2, parts.moments.x2))


def test_odd_input() -> None:
    x = weights(40, 128)
    x[3, 5], x[4, 6], x[5] = np.nan, -np.inf, 0
    x[6], x[7] = 1e-42, 3e38
    clean = np.where(np.isfinite(x), x, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = int8_row_errors(x)
        empty = int8_row_errors(x[:0])
    assert result.moments.bad_inputs == 2
    assert np.array_equal(result.bins, int8_row_errors(clean).bins)
    assert math.isfinite(result.rmse)
    assert math.isnan(empty.rmse) and math.isnan(empty.sqnr_db) and empty.histogram().total == 0
    assert int8_row_errors(np.array([[127.0, 3, -8]], np.float32)).sqnr_db == math.inf
    with pytest.raises(ValueError, match=r"not \(3,\)"):
        int8_row_errors(np.zeros(3, np.float32))
