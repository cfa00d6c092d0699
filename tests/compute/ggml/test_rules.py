"""Rules of ggml's that other implementations of the same formats do not share, checked one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtui.compute.formats import get_format
from qtui.compute.ggml import formats as family_ggml
from qtui.compute.ggml.fp4 import ue4m3_code, ue4m3_value
from qtui.compute.ggml.grids import codebook, even_signs
from qtui.compute.ggml.reduce import nearest_int, round_half_away, sum_in_order


def _codes(name, values, largest):
    """Codes of a block that begins with `largest`, which sets the scale, and goes on with `values`."""
    fmt = get_format(name)
    x = np.zeros((1, fmt.block_size), np.float32)
    x[0, 0] = largest
    x[0, 1 : 1 + len(values)] = values
    return fmt.codec.fields(fmt.codec.encode(x)).codes[0, 1 : 1 + len(values)].tolist()


def test_mxfp4_halves_go_towards_zero_and_zero_has_no_sign():
    halves = np.array([0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5, -0.25, -0.75, -0.0], np.float32)
    assert _codes("MXFP4", halves, 6) == [0, 1, 2, 3, 4, 5, 6, 0, 9, 0]
    above = np.nextafter(halves[:7], np.float32(9))
    assert _codes("MXFP4", above, 6) == [1, 2, 3, 4, 5, 6, 7]


def test_mxfp4_clips_where_the_largest_exceeds_six():
    assert _codes("MXFP4", [7.9, -7.9], 7.9) == [7, 15]


def test_nvfp4_scales_round_halves_up_and_skip_256_to_416():
    values = np.array([0, 2**-10, 2**-9, 1.0, 1.0625, 1.1875, 240, 247, 248, 300, 448, 1e9], np.float32)
    expected = [0, 1, 1, 0x38, 0x39, 0x3A, 0x77, 0x77, 0x7E, 0x7E, 0x7E, 0x7E]
    assert ue4m3_code(values).tolist() == expected


def test_nvfp4_scale_codes_round_trip_but_for_the_ones_never_written():
    codes = np.arange(0x78, dtype=np.uint8)
    np.testing.assert_array_equal(ue4m3_code(ue4m3_value(codes)), codes)
    assert ue4m3_value(np.array([0x7E, 0x7F, 0x80], np.uint8)).tolist() == [448, 0, 0]


def test_nvfp4_of_weights_beyond_every_step_is_zero():
    assert _codes("NVFP4", [1e12, 3e11], 1e12) == [0, 0]


def test_q4_0_gives_the_largest_magnitude_the_lowest_code_and_the_first_of_equals_the_sign():
    assert _codes("Q4_0", [-1.0, 0.5], 1.0)[0] == 15
    assert _codes("Q4_0", [1.0, 0.5], -1.0)[0] == 15


def test_minimums_are_never_above_zero_in_k_quants():
    codec = get_format("Q4_K").codec
    fields = codec.fields(codec.encode(np.linspace(1, 2, 256, dtype=np.float32)[None]))
    assert (fields.minimum <= 0).all()


def test_c_roundings():
    values = np.array([0.5, 1.5, 2.5, -0.5, -1.5, 0.49999997, -0.49999997, 126.5], np.float32)
    assert round_half_away(values + values).tolist() == [1, 2, 3, -1, -2, 0, 0, 127]
    assert nearest_int(np.append(values, np.float32(np.nan))).tolist() == [0, 2, 2, 0, -2, 0, 0, 126, 0]


@pytest.mark.parametrize("count", [1, 2, 9, 1000])
def test_sums_take_the_elements_in_order(count):
    columns = np.random.default_rng(count).normal(0, 1, (256, count)).astype(np.float32)
    total = np.zeros(count, np.float32)
    for row in columns:
        total = total + row
    np.testing.assert_array_equal(sum_in_order(columns), total)


@pytest.mark.parametrize(
    ("name", "entries"),
    [("IQ1_S", 2048), ("IQ2_XXS", 256), ("IQ2_XS", 512), ("IQ2_S", 1024), ("IQ3_XXS", 256), ("IQ3_S", 512)],
)
def test_codebooks_equal_gguf_pys(name, entries):
    quants = pytest.importorskip("gguf.quants")
    theirs = getattr(quants, name)
    theirs.init_grid()
    ours = codebook(name)
    assert len(ours) == entries
    np.testing.assert_array_equal(ours, theirs.grid.reshape(ours.shape))


def test_signs_of_seven_bits_have_an_even_number_of_minuses():
    signs = even_signs()
    assert signs.shape == (128, 8) and (signs.prod(axis=1) == 1).all()
    assert len(np.unique(signs, axis=0)) == 128


@pytest.mark.parametrize("name", ["Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "TQ1_0", "TQ2_0", "MXFP4", "F16", "BF16"])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), spread=st.floats(0, 4), grid=st.sampled_from([0, 1, 3, 7, 127]))
def test_bytes_equal_gguf_pys(name, seed, spread, grid):
    """For any weights but zeros, whose sign gguf-py does not keep as C does."""
    gguf = pytest.importorskip("gguf")
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1, (4, 512)) * np.exp(rng.normal(0, spread, (4, 512)))
    if grid:
        x = np.rint(np.clip(x, -9, 9) / 9 * grid) / grid + np.where(rng.random((4, 512)) < 0.5, 2.0**-20, -(2.0**-20))
    x = x.astype(np.float32)
    ours = get_format(name).codec.encode(x).data
    with np.errstate(all="ignore"):
        theirs = gguf.quants.quantize(x, gguf.GGMLQuantizationType[name])
    np.testing.assert_array_equal(ours, theirs.view(np.uint8).reshape(ours.shape))


@pytest.mark.parametrize("name", ["IQ1_S", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S"])
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), spread=st.floats(0, 4), weighed=st.booleans())
def test_bytes_equal_libggufs(name, seed, spread, weighed):
    """A build of ggml's reference; its IQ1_M is that of an older ggml."""
    libgguf = pytest.importorskip("libgguf")
    rng = np.random.default_rng(seed)
    x = (rng.normal(0, 1, (2, 512)) * np.exp(rng.normal(0, spread, (2, 512)))).astype(np.float32)
    importance = rng.exponential(1, 512).astype(np.float32) if weighed else None
    given_importance = np.ones(512, np.float32) if importance is None and name in NEED_IMPORTANCE else importance
    theirs = libgguf.quantize_rows(x, libgguf.GGMLQuantizationType[name], given_importance)
    ours = get_format(name).codec.encode(x, importance).data
    np.testing.assert_array_equal(ours, np.asarray(theirs).view(np.uint8).reshape(ours.shape))


NEED_IMPORTANCE = ("IQ1_S", "IQ2_XXS", "IQ2_XS")


def test_types_that_need_importance_take_ones_without():
    x = np.random.default_rng(3).normal(0, 1, (2, 512)).astype(np.float32)
    for name in NEED_IMPORTANCE:
        codec = get_format(name).codec
        np.testing.assert_array_equal(codec.encode(x).data, codec.encode(x, np.ones(512, np.float32)).data)


def test_iq3_s_moves_groups_of_zeros_to_the_end_of_indices_and_signs():
    x = np.zeros((1, 256), np.float32)
    x[0, 32:64] = np.linspace(-1, 1, 32)
    data = get_format("IQ3_S").codec.encode(x).data[0]
    assert data[2:10].any() and not data[10:66].any() and data[74:78].any() and not data[78:106].any()


def test_sizes_equal_gguf_pys():
    constants = pytest.importorskip("gguf.constants")
    known = constants.GGMLQuantizationType.__members__
    sizes = {fmt.name: (fmt.block_size, fmt.block_bytes) for fmt in family_ggml.FAMILY.formats if fmt.name in known}
    assert len(sizes) >= 26
    assert sizes == {name: tuple(constants.GGML_QUANT_SIZES[known[name]]) for name in sizes}
