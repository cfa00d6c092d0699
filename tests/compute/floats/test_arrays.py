"""Float codes against the reference libraries' output, and the array code against the exact one."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from qtui.compute.codec import Encoded
from qtui.compute.floats import exact
from qtui.compute.floats.arrays import decode_array, encode_array
from qtui.compute.floats.codec import FloatCodec
from qtui.compute.floats.layout import FloatFormat
from qtui.compute.floats.names import ROUNDINGS
from qtui.compute.floats.real import from_float
from qtui.compute.floats.rounding import round_array
from qtui.compute.floats.table import FLOATS, design, number_format
from qtui.compute.formats import get_format
from tests.support import DATA

VECTORS = json.loads((DATA / "float_vectors.json").read_text())
NAMES = [fmt.name for fmt in FLOATS]
SMALL = [fmt.name for fmt in FLOATS if fmt.bits <= 16]
DESIGNS = [
    design(3, 2),
    design(4, 3, special="p3109"),
    design(2, 3, -5, "none"),
    design(5, 0),
    design(0, 7, special="none"),
]
DESIGNS += [design(4, 2, special="fn", sign=0), design(8, 20), design(11, 30)]


def float_format(name: str) -> FloatFormat:
    fmt = number_format(name)
    assert isinstance(fmt, FloatFormat)
    return fmt


def same(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Equal values, signs of zero included, all NaNs alike."""
    return ((a == b) & (np.signbit(a) == np.signbit(b))) | (np.isnan(a) & np.isnan(b))


def every_value(name: str) -> np.ndarray:
    fmt = number_format(name)
    return np.array([fmt.real(code).to_float() for code in range(1 << fmt.bits)])


def test_every_code_point_has_the_digest_of_the_reference_values() -> None:
    for name, digest in VECTORS["digest"].items():
        values = every_value(name)
        values[np.isnan(values)] = np.nan
        assert hashlib.sha256(values.astype("<f8").tobytes()).hexdigest()[:16] == digest, name


def test_vectors_round_once_to_the_reference_codes() -> None:
    x = np.array([float.fromhex(text) for text in VECTORS["inputs"]])
    for name, codes in VECTORS["codes"].items():
        fmt = float_format(name)
        np.testing.assert_array_equal(encode_array(x, fmt), codes, name)
        assert [exact.encode(fmt, from_float(v)) for v in x.tolist()] == codes, name


def test_all_reference_roundings(reference: Callable[[str], Path]) -> None:
    data = np.load(reference("golden/floats_round.npz"))
    x32, x64 = data["in_f32_bits"].view(np.float32), data["in_f64_bits"].view(np.float64)
    seen = 0
    for key in data.files:
        name, _, kind = key.partition("__")
        x = {"from_f32": x32, "sat_from_f32": x32, "from_f64_exact": x64}.get(kind)
        if x is None or name.startswith("torch"):
            continue
        fmt, saturate = float_format(name), kind.startswith("sat")
        codes = encode_array(x, fmt, saturate=saturate)
        assert not (codes != data[key])[~np.isnan(x)].any(), key
        assert np.isnan(decode_array(codes[np.isnan(x)], fmt)).all() == (fmt.nan_code(False) is not None)
        assert same(round_array(x, fmt, saturate=saturate), decode_array(codes, fmt, x.dtype.type)).all(), key
        seen += 1
    assert seen == 37


def test_tf32_roundings_of_the_reference(reference: Callable[[str], Path]) -> None:
    data = np.load(reference("golden/floats_round.npz"))
    x = data["in_f32_bits"].view(np.float32)
    known = ~np.isnan(x)
    for short, rounding in {"rne": "nearest-even", "rna": "nearest-away", "rtz": "toward-zero"}.items():
        bits = round_array(x, float_format("tf32"), rounding).view(np.uint32)
        np.testing.assert_array_equal(bits[known], data[f"tf32_{short}__f32bits"][known], rounding)


EDGES = [
    0.0,
    -0.0,
    np.inf,
    -np.inf,
    np.nan,
    5e-324,
    -1e-45,
    2.0**-126,
    3.4e38,
    1e308,
    464.0,
    61440.0,
    -65520.0,
    1 / 3,
]


@pytest.mark.parametrize("rounding", ROUNDINGS[:-1])
@pytest.mark.parametrize("fmt", [*FLOATS, *DESIGNS], ids=lambda f: f.name)
def test_arrays_agree_with_exact_arithmetic(fmt: FloatFormat, rounding: str) -> None:
    rng = np.random.default_rng(len(fmt.name))
    spread = rng.normal(size=60) * np.exp2(rng.uniform(-160, 140, 60))
    top = min(fmt.emax, 1000)
    near = rng.normal(size=60) * np.exp2(rng.uniform(max(fmt.emin, -1000) - fmt.mantissa - 1, top + 1, 60))
    x = np.concatenate([EDGES, spread, near])
    for saturate in (False, True):
        codes = encode_array(x, fmt, rounding, saturate)
        wanted = [exact.encode(fmt, from_float(v), rounding, saturate) for v in x.tolist()]
        assert codes.tolist() == wanted
        with np.errstate(over="ignore"):
            narrow = x.astype(np.float32)
        wanted = [exact.encode(fmt, from_float(v), rounding, saturate) for v in narrow.astype(float).tolist()]
        assert encode_array(narrow, fmt, rounding, saturate).tolist() == wanted
        values = round_array(narrow, fmt, rounding, saturate)
        with np.errstate(over="ignore"):
            assert same(values, decode_array(np.array(wanted, np.uint64), fmt, np.float32)).all()


def test_stochastic_rounding_is_seeded_and_right_on_average() -> None:
    fmt = float_format("float8_e4m3fn")
    x = np.full(20_000, 1.03125, np.float32)  # a quarter of the way from 1 to 1.125
    values = round_array(x, fmt, "stochastic", seed=3)
    assert set(values.tolist()) == {1.0, 1.125}
    assert abs(float((values == 1.125).mean()) - 0.25) < 0.02
    np.testing.assert_array_equal(values, round_array(x, fmt, "stochastic", seed=3))
    assert (values != round_array(x, fmt, "stochastic", seed=4)).any()


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15, deadline=None)
@given(x=hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.floats(width=32)))
def test_storing_twice_changes_nothing(name: str, x: np.ndarray) -> None:
    codec = get_format(name).codec
    once = codec.encode(x)
    assert once.data.shape == (x.shape[0], get_format(name).row_bytes(x.shape[1]))
    values = codec.decode(once)
    assert values.dtype == np.float32 and values.shape == x.shape
    again = codec.encode(values)
    # Without a NaN, NaN has become a zero; e8m0 has no zero, so zero has become NaN: both stay as they are.
    np.testing.assert_array_equal(again.data, once.data)


@pytest.mark.parametrize(
    "fmt", [float_format("float6_e3m2fn"), float_format("float4_e2m1"), design(3, 1), design(4, 6)]
)
def test_every_code_survives_packing(fmt: FloatFormat) -> None:
    codec = FloatCodec(fmt.name)
    values = decode_array(np.arange(1 << fmt.bits), fmt, np.float32)[None, :]
    encoded = codec.encode(values)
    assert same(codec.decode(encoded), values).all()
    finite = np.isfinite(values[0])
    np.testing.assert_array_equal(codec.fields(encoded).codes[0][finite], np.arange(1 << fmt.bits)[finite])


def test_bytes_of_small_floats() -> None:
    four = get_format("float4_e2m1fn").codec.encode(np.array([[0.5, 6.0, -1.0]], np.float32))
    assert four.data.tolist() == [[0x71, 0x0A]]
    six = get_format("float6_e3m2fn").codec.encode(np.array([[0.0625, 28.0, -28.0, 0.0]], np.float32))
    assert six.data.tolist() == [[1 | (0x1F << 6) & 255, (0x1F >> 2) | (0x3F << 4) & 255, 0x3F >> 4]]
    tf32 = get_format("tf32").codec.encode(np.array([[1.0 + 2.0**-12]], np.float32))
    assert tf32.data.tolist() == [[0, 0, 0x80, 0x3F]]


def test_wrong_shapes_are_told() -> None:
    codec = get_format("float16").codec
    with pytest.raises(ValueError, match="2-D"):
        codec.encode(np.zeros(3, np.float32))
    with pytest.raises(ValueError, match="rows of 6 bytes"):
        codec.decode(Encoded(np.zeros((1, 5), np.uint8), 3))
    assert codec.decode(codec.encode(np.zeros((0, 3), np.float32))).shape == (0, 3)
    assert codec.decode(codec.encode(np.zeros((2, 0), np.float32))).shape == (2, 0)


def test_float64_is_rounded_once() -> None:
    x = np.array([[1.00390625 * (1 + 2.0**-40)]])  # float32 can't see that this is above a tie
    assert get_format("bfloat16").codec.encode(x).data.tolist() == [[0x81, 0x3F]]
    assert get_format("bfloat16").codec.encode(x.astype(np.float32)).data.tolist() == [[0x80, 0x3F]]
    assert get_format("float8_e4m3fn").codec.encode(np.array([[3, -1]])).data.tolist() == [[0x44, 0xB8]]


def test_options_in_the_name_of_a_storage_format() -> None:
    big = np.array([[1e6]], np.float32)
    assert np.isnan(get_format("float8_e4m3fn").codec.decode(get_format("float8_e4m3fn").codec.encode(big))).all()
    clamped = get_format("E4M3:saturate")
    assert clamped.codec.decode(clamped.codec.encode(big)).item() == 448
    up = get_format("float:e=3,m=2,round=up")
    assert up.codec.decode(up.codec.encode(np.array([[1.01]], np.float32))).item() == 1.25
    assert get_format(up.name).name == up.name and get_format(clamped.name).name == clamped.name
    with pytest.raises(ValueError, match="no option"):
        get_format("float16:block=3")
    with pytest.raises(ValueError, match="64 bits"):
        get_format("float:e=15,m=112")


def test_codebooks_of_the_inspector_are_those_of_bitsandbytes(reference: Callable[[str], Path]) -> None:
    data = np.load(reference("golden/pt_shared.npz"))
    for name, key in (("nf4", "bnb_nf4_code"), ("bnb_fp4", "bnb_fp4_code")):
        values = [number_format(name).real(code).to_float() for code in range(16)]
        np.testing.assert_array_equal(np.array(values, np.float32), data[key])


def test_above_its_smallest_value_e8m0_goes_up() -> None:
    # What ml_dtypes' cast from float32 gives around 2^-127 and 2^-126; ties go up from there on.
    steps = {0.5: 0, 1.0: 0, 1.0000002: 1, 1.25: 1, 1.5: 1, 2.0: 1, 2.9999998: 1, 3.0: 2, 4.0: 2}
    x = np.ldexp(np.array(list(steps)), -127)
    fmt = float_format("float8_e8m0fnu")
    for values in (x, x.astype(np.float32)):
        np.testing.assert_array_equal(encode_array(values, fmt), list(steps.values()))
        assert [exact.encode(fmt, from_float(v)) for v in values.tolist()] == list(steps.values())
