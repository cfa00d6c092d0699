"""The bytes that ggml's C code wrote for a few kinds of weights, kept in tests/data, and what it read back.

`x` holds the first 512 weights of rows of many kinds; `row` is one whole row, for importance vectors: some types
weigh by the mean square of the row. `hard` are rows of 512 full of ties, gaps and zeros for the types with codebooks,
each with two importance vectors. ggml was 0.21, for the types with codebooks 0.25.3; those that ggml does not write
without importance were given ones.
"""

import numpy as np
import pytest

from qtui.compute.codec import Encoded
from qtui.compute.formats import get_format
from qtui.compute.ggml import formats as family_ggml
from tests.support import DATA

with np.load(DATA / "ggml_small.npz", allow_pickle=False) as arrays:
    SMALL = {name: arrays[name] for name in arrays.files}
with np.load(DATA / "ggml_codebooks.npz", allow_pickle=False) as arrays:
    SMALL |= {name: arrays[name] for name in arrays.files}

NAMES = [fmt.name for fmt in family_ggml.FAMILY.formats if fmt.name != "F32"]


@pytest.mark.parametrize("name", [name for name in NAMES if f"{name}__bytes" in SMALL])
def test_bytes(name):
    got = get_format(name).codec.encode(SMALL["x"]).data
    differ = (got != SMALL[f"{name}__bytes"]).any(axis=1)
    assert list(SMALL["family"][differ]) == []


@pytest.mark.parametrize("name", [name for name in NAMES if f"{name}__importance_bytes" in SMALL])
def test_bytes_with_an_importance_vector(name):
    got = get_format(name).codec.encode(SMALL["row"][None], SMALL["importance"]).data
    np.testing.assert_array_equal(got[0], SMALL[f"{name}__importance_bytes"])


@pytest.mark.parametrize("vector", [0, 1])
@pytest.mark.parametrize("name", [name for name in NAMES if f"{name}__hard_bytes" in SMALL])
def test_bytes_of_hard_weights(name, vector):
    got = get_format(name).codec.encode(SMALL["hard"], SMALL["hard_importance"][vector]).data
    differ = (got != SMALL[f"{name}__hard_bytes"][vector]).any(axis=1)
    assert list(SMALL["hard_family"][differ]) == []


@pytest.mark.parametrize("name", NAMES)
def test_values(name):
    blocks, values = SMALL[f"{name}__blocks"], SMALL[f"{name}__values"]
    np.testing.assert_array_equal(get_format(name).codec.decode(Encoded(blocks, values.shape[1])), values)


def test_every_type_that_can_be_encoded_has_its_bytes_here():
    can = {fmt.name for fmt in family_ggml.FAMILY.formats if fmt.can_encode}
    assert {name.removesuffix("__bytes") for name in SMALL if name.endswith("__bytes")} == can - {"F32"}
