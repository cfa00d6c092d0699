"""Microscaling formats: torchao's codes and scales, hand-made blocks, odd input."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from qtui.compute.codec import F32, Encoded
from qtui.compute.errors import measure
from qtui.compute.formats import all_formats, get_format
from tests.support import DATA
from tests.support.any_codec import matrices, stored

VECTORS = DATA / "pytorch_side.npz"
ELEMENTS = {
    "e4m3fn": "mx_fp8_e4m3",
    "e5m2": "mx_fp8_e5m2",
    "e2m3": "mx_fp6_e2m3",
    "e3m2": "mx_fp6_e3m2",
    "e2m1": "mx_fp4",
}
GOLDEN = [
    *(
        f"mx_{element}_{rounding}"
        for element in ("e4m3fn", "e2m1")
        for rounding in ("floor", "ceil", "even", "rceil")
    ),
    "mx_e5m2_floor",
    "mx_e2m3_floor",
    "mx_e3m2_floor",
]
SPECS = [fmt.name for fmt in all_formats() if fmt.family == "mx"] + ["mx_fp4:scale=rceil", "mx_int8:scale=even"]


def check_mx(name: str, x: np.ndarray, golden: np.lib.npyio.NpzFile, rows: np.ndarray) -> None:
    _, element, rounding = name.split("_")
    codec = get_format(f"{ELEMENTS[element]}:scale={rounding}").codec
    fields = codec.fields(codec.encode(x))
    scale = np.ldexp(np.float32(1), golden[f"{name}__scale"].astype(int) - 127)
    assert np.array_equal(fields.scale, scale)
    assert np.array_equal(fields.codes[rows], golden[f"{name}__codes"][rows])


@pytest.mark.parametrize("name", GOLDEN)
def test_codes_and_scales_are_torchaos(name: str) -> None:
    kept = np.load(VECTORS)
    check_mx(name, kept["x_blocks"], kept, np.arange(4))


@pytest.mark.parametrize("name", GOLDEN)
def test_codes_and_scales_are_torchaos_everywhere(name: str, reference: Callable[[str], Path]) -> None:
    shared = np.load(reference("golden/ggml_shared.npz"))
    # torchao flushes subnormal weights to zero when it divides by the scale that rceil gives them
    rows = np.flatnonzero((shared["family"] != "subnormal") | (name != "mx_e4m3fn_rceil"))
    check_mx(name, shared["x"], np.load(reference("golden/pt_shared.npz")), rows)


def check_nvfp4(name: str, x: np.ndarray, golden: np.lib.npyio.NpzFile) -> None:
    codec = get_format({"nvfp4_1level": "nvfp4_one_level", "nvfp4_2level": "nvfp4_two_level"}[name]).codec
    for i, row in enumerate(x):
        encoded = codec.encode(row[None])
        assert np.array_equal(encoded.data.reshape(-1, 9)[:, 0], golden[f"{name}__scale"][i])
        assert np.array_equal(codec.fields(encoded).codes[0], golden[f"{name}__codes"][i])
        if name == "nvfp4_2level":
            assert encoded.header.view("<f4")[0] == golden[f"{name}__tensor_scale"][i]


def test_nvfp4_is_torchaos() -> None:
    kept = np.load(VECTORS)
    check_nvfp4("nvfp4_1level", kept["x_blocks"], kept)
    check_nvfp4("nvfp4_2level", kept["x_row"], kept)


@pytest.mark.parametrize("name", ["nvfp4_1level", "nvfp4_2level"])
def test_nvfp4_is_torchaos_everywhere(name: str, reference: Callable[[str], Path]) -> None:
    check_nvfp4(name, np.load(reference("golden/ggml_shared.npz"))["x"], np.load(reference("golden/pt_shared.npz")))


def test_a_block_by_hand() -> None:
    x = np.zeros((1, 32), np.float32)
    x[0, :5] = [7, -6, 2.5, 0.25, -0.3]
    codec = get_format("mx_fp4").codec
    values = codec.decode(codec.encode(x))
    assert values[0, :5].tolist() == [6, -6, 2, 0, -0.5]
    codec = get_format("mx_fp4:scale=ceil").codec
    assert codec.decode(codec.encode(x))[0, :5].tolist() == [8, -6, 2, 0, 0]


def test_int8_elements_are_64ths() -> None:
    x = np.zeros((1, 32), np.float32)
    x[0, :4] = [1.99, -1, 1 / 64, 0.0078125]
    codec = get_format("mx_int8").codec
    assert codec.decode(codec.encode(x))[0, :4].tolist() == [127 / 64, -1, 1 / 64, 0]


@pytest.mark.parametrize("spec", SPECS)
def test_bytes_are_what_the_format_costs(spec: str) -> None:
    fmt = get_format(spec)
    x = (np.random.default_rng(0).standard_normal((3, 100)) * 0.02).astype(np.float32)
    encoded = fmt.codec.encode(x)
    assert encoded.data.nbytes + encoded.header.nbytes == fmt.nbytes(x.shape)
    fields = fmt.codec.fields(encoded)
    assert fields.table is not None and fields.scale is not None
    scale = np.repeat(fields.scale, fields.group_size, axis=1)[:, :100]
    assert fmt.codec.decode(encoded) == pytest.approx(scale * fields.table[fields.codes], rel=1e-6)


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec != "nvfp4_four_over_six"])
def test_encoding_again_changes_nothing(spec: str) -> None:
    codec = get_format(spec).codec
    # Weights that end each block at the top of its scale, so that a second encoding finds the same scale.
    x = (np.random.default_rng(2).integers(-6, 7, (8, 64)) / 4).astype(np.float32)
    x[:, ::16] = 1.5
    once = codec.decode(codec.encode(x))
    assert np.array_equal(codec.decode(codec.encode(once)), once)


def test_four_over_six_never_loses_to_six() -> None:
    x = np.random.default_rng(7).standard_normal((64, 1024)).astype(np.float32)
    six, four = (measure(get_format(name).codec, x) for name in ("nvfp4_two_level", "nvfp4_four_over_six"))
    assert four.mse < 0.95 * six.mse


def test_floor_clips_and_rceil_does_not() -> None:
    x = np.random.default_rng(7).standard_normal((64, 1024)).astype(np.float32)
    shares = [measure(get_format(f"mx_fp4:scale={r}").codec, x).clipped_share for r in ("floor", "rceil")]
    assert shares[0] > 0.001
    assert shares[1] == 0


def test_a_tensors_scale_holds_for_its_parts() -> None:
    x = np.random.default_rng(3).standard_normal((400, 512)).astype(np.float32)
    codec = get_format("nvfp4_two_level").codec
    whole = codec.decode(codec.encode(x))
    assert measure(codec, x).moments.e2 == pytest.approx(float(((whole - x).astype(np.float64) ** 2).sum()))


@pytest.mark.parametrize("spec", SPECS)
@settings(max_examples=20, deadline=None)
@given(x=matrices())
def test_anything_can_be_encoded(spec: str, x: F32) -> None:
    values = stored(spec, x)
    assert np.isfinite(values[np.abs(x) < 1e37]).all()


@pytest.mark.parametrize("spec", SPECS)
def test_the_smallest_numbers_are_no_division_by_zero(spec: str) -> None:
    assert np.isfinite(stored(spec, np.full((1, 1), 1e-45, np.float32))).all()


def test_shapes_and_options_are_named() -> None:
    with pytest.raises(ValueError, match=r"\(rows, columns\), not \(3,\)"):
        get_format("mx_fp4").codec.encode(np.zeros(3, np.float32))
    with pytest.raises(ValueError, match=r"\(rows, 17\) for 32 columns"):
        get_format("mx_fp4").codec.decode(Encoded(np.zeros((1, 3), np.uint8), 32))
    with pytest.raises(ValueError, match="header of 4 bytes"):
        get_format("nvfp4_two_level").codec.decode(Encoded(np.zeros((1, 9), np.uint8), 16))
    with pytest.raises(ValueError, match="floor, ceil, even, rceil"):
        get_format("mx_fp4:scale=up")
    with pytest.raises(ValueError, match="takes no options"):
        get_format("nvfp4_one_level:scale=floor")
    assert get_format("MX_FP4:scale=floor") == get_format("mx_fp4")


def test_the_specifications_spelling_is_understood() -> None:
    assert get_format("MXFP8") is get_format("mx_fp8_e4m3")
    assert get_format("mxfp6_e3m2:scale=rceil") == get_format("mx_fp6_e3m2:scale=rceil")
    assert get_format("mxint8").name == "mx_int8"
    assert get_format("MXFP4").family == "ggml"
