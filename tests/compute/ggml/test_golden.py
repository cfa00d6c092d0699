"""Bytes and values of every ggml type equal the reference implementation's, for weights of many kinds."""

import numpy as np
import pytest

from qtui.compute.codec import Encoded
from qtui.compute.formats import get_format
from qtui.compute.ggml import formats as family_ggml

# IQ1_M's search has changed since the golden bytes were made; tests/data has those of the present one.
ENCODED = [fmt.name for fmt in family_ggml.FAMILY.formats if fmt.name not in ("F32", "IQ1_M")]
DECODED = [fmt.name for fmt in family_ggml.FAMILY.formats if fmt.name != "F32"]


@pytest.fixture(scope="module")
def golden(reference):
    with np.load(reference("golden/ggml_shared.npz"), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


@pytest.fixture(scope="module")
def random_blocks(reference):
    with np.load(reference("golden/ggml_dequant_shared.npz"), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


# Of these the C code leaves it undefined what becomes of subnormal weights: infinite floats are cast to integers.
UNDEFINED = {"Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_0", "Q2_K", "Q4_K", "Q5_K"}


def _rows_that_differ(golden, got, wanted, rows=slice(None)):
    """Families of weights with a differing byte."""
    differ = (got != wanted).any(axis=1)
    return [str(name) for name in golden["family"][rows][differ]]


@pytest.mark.parametrize("name", ENCODED)
def test_bytes_of_every_family_of_weights(golden, name):
    got = get_format(name).codec.encode(golden["x"]).data
    assert _rows_that_differ(golden, got, golden[f"{name}__bytes"]) == ["subnormal"] * (name in UNDEFINED)


@pytest.mark.parametrize("name", DECODED)
def test_values_of_every_family_of_weights(golden, name):
    values = get_format(name).codec.decode(Encoded(golden[f"{name}__bytes"], 4096))
    np.testing.assert_array_equal(values, golden[f"{name}__deq"])


@pytest.mark.parametrize("name", [name for name in DECODED if name not in ("F16", "BF16")])
def test_values_of_random_bytes(random_blocks, name):
    values = get_format(name).codec.decode(
        Encoded(random_blocks[f"{name}__blocks"], random_blocks[f"{name}__values"].shape[1])
    )
    np.testing.assert_array_equal(values, random_blocks[f"{name}__values"])


WEIGHTED = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS"]
WEIGHTED += ["IQ1_S", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S"]


@pytest.mark.parametrize("name", WEIGHTED)
def test_bytes_with_an_importance_vector(golden, name):
    rows = golden["imatrix_rows"]
    got = get_format(name).codec.encode(golden["x"][rows], golden["imatrix"]).data
    assert _rows_that_differ(golden, got, golden[f"{name}__imatrix_bytes"], rows) == []
