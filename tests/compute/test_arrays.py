"""Arrays cut for work, and what is asked of them."""

import math

import numpy as np
import pytest

from qtui.compute.arrays import quantile


@pytest.mark.parametrize("count", [1, 2, 3, 99, 100, 101, 4096])
def test_quantiles_are_those_of_numpy(count: int) -> None:
    values = np.random.default_rng(count).standard_t(3, count)
    for share in (0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0):
        assert quantile(values, share) == np.quantile(values, share)
    values[count // 2] = math.nan
    assert math.isnan(quantile(values, 0.5))
