"""Integer schemes: torchao's codes, the essay's numbers, every option, every mistake."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from qtui.compute.codec import F32, Encoded
from qtui.compute.errors import error_stats
from qtui.compute.formats import all_formats, get_format
from qtui.compute.ints.ranges import least_entropy
from tests.support import DATA
from tests.support.any_codec import assert_stable, matrices, stored

VECTORS = DATA / "pytorch_side.npz"
VECTOR = np.array([[-0.89, 0.16, 0.08, -0.13, 0.16, -0.54]], np.float32)
OUTLIER = np.append(VECTOR, [[10.0]], axis=1).astype(np.float32)

TORCHAO = {
    "ao_int8_sym_row": "int8:row,rule=torchao",
    "ao_int8_sym127_row": "int8:row,rule=torchao,narrow",
    "ao_uint8_asym_row": "int8:asym,row,rule=torchao",
    "ao_int8_sym_g64": "int8:block=64,rule=torchao",
    "ao_int4_sym_g32": "int4:block=32,rule=torchao",
    "ao_int4_symnc_g32": "int4:symnc,block=32",
    "ao_uint4_asym_g32": "int4:asym,block=32,rule=torchao",
    "ao_int4_sym_g128": "int4:block=128,rule=torchao",
    "ao_int4_symnc_g128": "int4:symnc,block=128",
    "ao_uint4_asym_g128": "int4:asym,block=128,rule=torchao",
    "ao_uint4_tinygemm_g128": "int4:tinygemm,block=128",
}
SPECS = [
    "int1", "int1:row", "int1:asym,block=8", "int2:block=64,scale=fp16", "int3:asym,block=32,scale=e4m3",
    "int6:row,clip=kl",
    "int4:block=17,scale=e8m0", "int5:asym,row,clip=99", "int6:clip=mse", "int7:asym,scale=fp16,clip=mse,block=1000",
    "int8:asym,row,rule=torchao", "int4:tinygemm,block=128,scale=fp16", "int3:symnc,block=24,scale=e4m3",
    "int8:narrow,rule=torchao,scale=fp16", "int2:asym,scale=e4m3",
]  # fmt: skip


def check_torchao(name: str, x: np.ndarray, golden: np.lib.npyio.NpzFile) -> None:
    fmt = get_format(TORCHAO[name])
    encoded = fmt.codec.encode(x)
    fields = fmt.codec.fields(encoded)
    assert np.array_equal(fields.codes, golden[f"{name}__codes"])
    assert np.array_equal(fields.scale, golden[f"{name}__scale"])
    zero = fields.minimum if "tinygemm" in name else fields.zero_point
    assert (
        np.array_equal(np.zeros(1) if zero is None else zero, golden[f"{name}__zp"])
        or not golden[f"{name}__zp"].any()
    )
    assert encoded.data.nbytes + encoded.header.nbytes == fmt.nbytes(x.shape)


@pytest.mark.parametrize("name", TORCHAO)
def test_codes_and_scales_are_torchaos(name: str) -> None:
    kept = np.load(VECTORS)
    check_torchao(name, kept["x_row" if name.endswith("_row") else "x_blocks"], kept)


@pytest.mark.parametrize("name", TORCHAO)
def test_codes_and_scales_are_torchaos_everywhere(name: str, reference: Callable[[str], Path]) -> None:
    x = np.load(reference("golden/ggml_shared.npz"))["x"]
    check_torchao(name, x, np.load(reference("golden/pt_shared.npz")))


@pytest.mark.parametrize(
    ("spec", "x", "codes", "scale", "zero", "percent", "percent_of_six"),
    [
        ("int4", VECTOR, [-7, 1, 1, -1, 1, -4], 0.89 / 7, None, 18.0, 18.0),
        ("int4:asym", VECTOR, [-8, 7, 6, 3, 7, -3], 0.07, 5, 8.52, 8.52),
        ("int4", OUTLIER, [-1, 0, 0, 0, 0, 0, 7], 10 / 7, None, 80.1, 93.4),
        ("int4:asym", OUTLIER, [-8, -7, -7, -7, -7, -8, 7], 0.726, -7, 64.9, 75.5),
    ],
)
def test_the_essays_vector(
    spec: str, x: np.ndarray, codes: list[int], scale: float, zero: int | None, percent: float, percent_of_six: float
) -> None:
    codec = get_format(spec).codec
    encoded = codec.encode(x)
    fields, values = codec.fields(encoded), codec.decode(encoded)
    assert fields.codes.tolist() == [codes]
    assert fields.scale is not None and fields.scale == pytest.approx(scale, rel=1e-6)
    assert (fields.zero_point is None and zero is None) or fields.zero_point == [[zero]]
    assert round(100 * error_stats(x, values).mean_rel_error, 1) == round(percent, 1)
    assert round(100 * error_stats(x[:, :6], values[:, :6]).mean_rel_error, 1) == round(percent_of_six, 1)
    steps = codec.roundtrip(x)[1]  # type: ignore[attr-defined]
    assert steps == pytest.approx(scale, rel=1e-6)


def test_the_essays_error_to_two_digits() -> None:
    codec = get_format("int4:asym").codec
    assert f"{error_stats(VECTOR, codec.decode(codec.encode(VECTOR))).mean_rel_error:.2%}" == "8.52%"


def test_halves_go_up_as_in_javascript() -> None:
    codec = get_format("int4").codec
    x = np.array([[14, 5, -5, 3, -3, 1, -1]], np.float32)
    assert codec.fields(codec.encode(x)).codes.tolist() == [[7, 3, -2, 2, -1, 1, 0]]


def test_bits_per_weight_count_scales_and_zero_points() -> None:
    for spec, bits in {
        "int4": 4,
        "int4:block=32,scale=fp16": 4.5,
        "int4:asym,block=32,scale=fp16": 5,
        "int4:asym,block=64,scale=fp16": 4.5,
        "int4:block=256,scale=fp16": 4.0625,
        "int4:block=32,scale=e8m0": 4.25,
        "int3:block=128,scale=fp16": 3.125,
        "int4:asym,block=32": 6,
    }.items():
        assert get_format(spec).bits_per_weight == bits, spec
    assert get_format("int8:row").nbytes((3, 100)) == 3 * 104
    assert get_format("int4:asym").nbytes((3, 100)) == 3 * 50 + 8
    assert get_format("int4:scale=e4m3,block=16").nbytes((2, 32)) == 2 * 18 + 4


@pytest.mark.parametrize("spec", SPECS)
def test_bytes_are_what_the_format_costs_and_decode_alike(spec: str) -> None:
    fmt = get_format(spec)
    rng = np.random.default_rng(1)
    for shape in ((3, 250), (1, 1), (2, 4096)):
        x = (rng.standard_t(3, shape) * 0.02 + 0.005).astype(np.float32)
        encoded = fmt.codec.encode(x)
        assert encoded.data.nbytes + encoded.header.nbytes == fmt.nbytes(shape)
        values, steps, group = fmt.codec.roundtrip(x)  # type: ignore[attr-defined]
        assert np.array_equal(fmt.codec.decode(encoded), values)
        assert steps.shape == (shape[0], -(-shape[1] // group))
        fields = fmt.codec.fields(encoded)
        assert fields.codes.shape == shape and fields.scale is not None
        scale = np.repeat(fields.scale, fields.group_size, axis=1)[:, : shape[1]]
        zero = 0 if fields.zero_point is None else np.repeat(fields.zero_point, group, axis=1)[:, : shape[1]]
        least = 0 if fields.minimum is None else np.repeat(fields.minimum, group, axis=1)[:, : shape[1]]
        assert np.allclose(values, scale * (fields.codes - zero) + least, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("spec", ["int4", "int8:asym,rule=torchao", "int4:block=32,scale=e4m3", "int3:asym,clip=mse"])
def test_a_tensor_can_be_encoded_in_parts(spec: str) -> None:
    x = np.random.default_rng(4).standard_normal((20, 96)).astype(np.float32)
    codec = get_format(spec).codec
    whole, fitted = codec.encode(x), codec.for_tensor(x)  # type: ignore[attr-defined]
    parts = [fitted.encode(x[top : top + 6]) for top in range(0, 20, 6)]
    assert np.array_equal(np.concatenate([part.data for part in parts]), whole.data)
    assert all(np.array_equal(part.header, whole.header) for part in parts)


@pytest.mark.parametrize("bits", range(2, 9))
def test_least_squared_error_never_loses_to_absmax(bits: int) -> None:
    x = np.random.default_rng(3).standard_t(3, (4, 1024)).astype(np.float32)
    for options in ("block=64", "asym,row", "scale=fp16", "asym,block=32,scale=e8m0", "block=32,rule=torchao"):
        plain, best = (get_format(f"int{bits}:{options},clip={clip}").codec for clip in ("absmax", "mse"))
        errors = [error_stats(x, codec.decode(codec.encode(x))).mse for codec in (plain, best)]
        assert errors[1] <= errors[0] * (1 + 1e-6)
    low_bits = bits <= 4
    assert not low_bits or errors[1] < 0.9 * errors[0]


def test_entropy_clipping_is_the_definition_of_it() -> None:
    """One histogram at a time, one bin at a time."""
    sizes = np.abs(np.random.default_rng(3).standard_t(4, (3, 4000))).astype(np.float32)
    for row, result in zip(sizes, least_entropy(sizes[:, None], 8)[:, 0], strict=True):
        bins = np.minimum(row.astype(np.float64) / row.max() * 512, 511).astype(int)
        counts = np.bincount(bins, minlength=512)
        entropies = {}
        for kept in range(8, 513, 8):
            p = counts[:kept].astype(float)
            p[-1] += counts[kept:].sum()
            q = np.zeros(kept)
            for level in range(8):
                part = slice(level * kept // 8, (level + 1) * kept // 8)
                occurs = p[part] > 0
                q[part][occurs] = counts[part].sum() / max(occurs.sum(), 1)
            p, q = p / p.sum(), q / q.sum()
            seen = p > 0
            q = np.maximum(q, 1e-7)
            q /= q[seen].sum()
            entropies[kept] = (p[seen] * np.log(p[seen] / q[seen])).sum()
        assert result == np.float32(row.max().astype(np.float64) * min(entropies, key=entropies.__getitem__) / 512)


def test_entropy_clipping_lets_go_of_a_lone_outlier() -> None:
    x = np.random.default_rng(0).normal(size=(1, 65536)).astype(np.float32)
    x[0, 0] = 100
    codec = get_format("int8:clip=kl").codec
    scale = codec.fields(codec.encode(x)).scale
    assert scale is not None and scale.item() * 127 < 50
    assert np.array_equal(*(get_format(c).codec.encode(0 * x).data for c in ("int8", "int8:clip=kl")))


@settings(max_examples=60)
@given(matrices())
def test_unsigned_codes_are_those_of_onnx(x: F32) -> None:
    """DynamicQuantizeLinear of the ONNX operators: y_scale, y_zero_point and y, halves to even."""
    x = np.where(np.isfinite(x), x, 0).astype(np.float32)
    if x.size == 0 or np.abs(x).max() > 1e30 or np.abs(x).max() < 1e-30:
        return
    fmt = get_format("uint8")
    assert (
        fmt == get_format("int8:asym,rule=torchao") and get_format("uint4:row").name == "int4:asym,row,rule=torchao"
    )
    fields = fmt.codec.fields(fmt.codec.encode(x))
    low, high = np.minimum(x.min(), 0), np.maximum(x.max(), 0)
    scale = np.float32((high - low) / np.float32(255))
    zero = np.clip(np.rint(-low / scale), 0, 255)
    assert fields.scale is not None and (fields.scale == scale).all()
    assert (zero == 0) if fields.zero_point is None else (fields.zero_point == zero).all()
    # ONNX divides where PyTorch and torchao multiply by the reciprocal: halves may fall on either side.
    assert np.abs(fields.codes - np.clip(np.rint(x / scale) + zero, 0, 255)).max() <= 1


def test_percentile_clipping_keeps_the_middle() -> None:
    x = np.append(np.linspace(-1, 1, 999), 100).astype(np.float32)[None]
    codec = get_format("int8:clip=99").codec
    values = codec.decode(codec.encode(x))
    assert values.max() < 1.1
    assert np.abs(values - x)[0, :900].max() < 0.011


@pytest.mark.parametrize("spec", SPECS)
@settings(max_examples=20, deadline=None)
@given(x=matrices())
def test_anything_can_be_encoded(spec: str, x: F32) -> None:
    values = stored(spec, x)
    assert np.isfinite(values).all() or np.abs(x[np.isfinite(x)]).max(initial=0) > 1e37


@pytest.mark.parametrize("spec", ["int4", "int4:row", "int8:block=32", "int1:block=16", "int3:block=8,scale=e8m0"])
def test_encoding_again_changes_nothing(spec: str) -> None:
    assert_stable(spec, np.random.default_rng(2).standard_normal((5, 320)).astype(np.float32))


def test_shapes_are_named() -> None:
    codec = get_format("int4:block=32").codec
    with pytest.raises(ValueError, match=r"\(rows, columns\), not \(3,\)"):
        codec.encode(np.zeros(3, np.float32))
    with pytest.raises(ValueError, match=r"\(rows, 20\) for 32 columns"):
        codec.decode(Encoded(np.zeros((1, 3), np.uint8), 32))
    with pytest.raises(ValueError, match="header of 4 bytes"):
        get_format("int4").codec.decode(Encoded(np.zeros((1, 16), np.uint8), 32))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("int9", "1 to 8 bits"),
        ("int4:block=1", "from 2 to 1024"),
        ("int4:block=x", "whole number"),
        ("int4:scale=fp8", "fp32, fp16, e8m0, e4m3"),
        ("int4:clip=40", "percentile from 50"),
        ("int4:clip=best", "absmax, mse"),
        ("int4:block=32,clip=kl", "tensor or row"),
        ("int4:asym,clip=kl", "use it with sym"),
        ("int4:rule=bankers", "essay or torchao"),
        ("int4:blok=32", "full spec looks like"),
        ("int4:asym,sym,symnc", "twice"),
        ("int4:row,block=32", "twice"),
        ("int1:rule=torchao", "int2:rule=torchao"),
        ("int1:clip=mse", "mean magnitude"),
        ("int4:narrow", "torchao's symmetric"),
        ("int4:tinygemm,scale=e8m0", "fp32 or fp16"),
        ("int4:tinygemm,rule=essay", "leave rule=essay out"),
        ("uint4:sym,tinygemm", "twice"),
    ],
)
def test_a_mistake_says_what_is_right(spec: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        get_format(spec)


def test_names_read_back() -> None:
    for spec in [*SPECS, *TORCHAO.values(), *(f.name for f in all_formats() if f.family == "ints")]:
        fmt = get_format(spec.upper())
        assert get_format(fmt.name) == fmt
