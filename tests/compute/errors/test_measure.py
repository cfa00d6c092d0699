"""Weights through a format to its errors, in one go or in chunks."""

import numpy as np
import pytest

from qtui.compute.errors import error_stats, measure
from qtui.compute.formats import get_format


@pytest.mark.parametrize("spec", ["int4", "int8:row", "int4:asym,block=32,scale=fp16", "Q8_0", "Q4_1"])
def test_measuring_equals_encoding_the_whole(spec: str) -> None:
    x = (np.random.default_rng(0).standard_normal((700, 256)) * 0.02).astype(np.float32)
    codec = get_format(spec).codec
    stats = measure(codec, x)
    whole = error_stats(x, codec.decode(codec.encode(x)))
    assert (stats.rmse, stats.cosine) == pytest.approx((whole.rmse, whole.cosine), rel=1e-9)
    assert (stats.max_abs_error, stats.max_index) == (whole.max_abs_error, whole.max_index)
    assert np.array_equal(stats.counts.counts, whole.counts.counts)
    assert stats.steps is not None and stats.steps.rms == pytest.approx(1 / np.sqrt(12), rel=0.1)
