"""What the tests of every family of formats ask of a codec: that it takes anything at all."""

from __future__ import annotations

import warnings

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from qtui.compute.codec import F32
from qtui.compute.formats import get_format


def matrices(side: int = 40) -> st.SearchStrategy[F32]:
    """float32 (rows, columns), none to `side` of each, of any numbers, infinities and NaN among them."""
    shapes = hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=side)
    return hnp.arrays(np.float32, shapes, elements=st.floats(width=32))


def stored(spec: str, x: F32) -> F32:
    """`x` encoded and decoded, its fields read, all without a warning; of the same shape."""
    codec = get_format(spec).codec
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encoded = codec.encode(x)
        values = codec.decode(encoded)
        codec.fields(encoded)
    assert values.shape == x.shape
    return values


def assert_stable(spec: str, x: F32) -> None:
    """Encoding what came back changes nothing more."""
    codec = get_format(spec).codec
    once = codec.decode(codec.encode(x))
    np.testing.assert_allclose(codec.decode(codec.encode(once)), once, rtol=1e-6)
