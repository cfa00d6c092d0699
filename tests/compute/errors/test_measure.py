"""Weights through a format to its errors, in one go or in chunks."""

import numpy as np
import pytest

from qtui.compute.errors import error_stats, measure
from qtui.compute.formats import get_format


@pytest.mark.parametrize("spec", ["int4", "int8:row", "int4:asym,block=32,scale=fp16", "Q8_0", "Q4_1"])
def test_measuring_equals_encoding_the_whole(spec: str) -> None:
    x = (np.random.default_rng(0).standard_normal((700, 256)) * 0.02).astype(np.float32)
    codec = get_format(spec).codec
    seen: list[tuple[int, int]] = []
    stats = measure(codec, x, tick=lambda done, total: seen.append((done, total)))
    whole = error_stats(x, codec.decode(codec.encode(x)))
    assert (stats.rmse, stats.cosine) == pytest.approx((whole.rmse, whole.cosine), rel=1e-9)
    assert (stats.max_abs_error, stats.max_index) == (whole.max_abs_error, whole.max_index)
    assert np.array_equal(stats.counts.counts, whole.counts.counts)
    assert stats.steps is not None and stats.steps.rms == pytest.approx(1 / np.sqrt(12), rel=0.1)
    assert seen[-1] == (700, 700) and len(seen) > 1


def test_a_tick_that_raises_stops_it() -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure(get_format("int8").codec, np.zeros((2, 2), np.float32), tick=stop)
