"""Steps, spacing, classes, counts and rounding intervals, on every format."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtui.compute.floats import exact
from qtui.compute.floats.codes import TABLES
from qtui.compute.floats.facts import special_codes
from qtui.compute.floats.intervals import rounding_interval
from qtui.compute.floats.layout import NumberFormat
from qtui.compute.floats.names import ROUNDINGS
from qtui.compute.floats.real import Real, from_float, from_fraction
from qtui.compute.floats.table import FLOATS, design, number_format, number_formats, parse_design

SMALL = [fmt for fmt in number_formats() if fmt.bits <= 8]
SMALL += [
    design(3, 2, special="p3109"),
    design(4, 0),
    design(0, 5, special="none"),
    design(2, 2, special="fn", sign=0),
]


@pytest.mark.parametrize("fmt", SMALL, ids=lambda f: f.name)
def test_ordinals_are_the_order_of_values(fmt: NumberFormat) -> None:
    low, high = exact.ends(fmt)
    codes = [fmt.code_at(ordinal) for ordinal in range(low, high + 1)]
    assert [fmt.ordinal(code) for code in codes] == list(range(low, high + 1))
    values = [fmt.real(code).to_float() for code in codes]
    assert values == sorted(values)
    if fmt not in TABLES:
        assert len(set(values)) == len(values) - fmt.has_minus_zero
        nans = [code for code in range(1 << fmt.bits) if fmt.real(code).kind == "nan"]
        assert len(codes) + len(nans) == 1 << fmt.bits


@pytest.mark.parametrize("rounding", ROUNDINGS[:-1])
@pytest.mark.parametrize("fmt", SMALL, ids=lambda f: f.name)
def test_rounding_intervals_say_what_rounding_does(fmt: NumberFormat, rounding: str) -> None:
    low, high = exact.ends(fmt)
    tiny = Fraction(1, 10**60)
    for saturate in (False, True):
        for ordinal in range(low, high + 1):
            code = fmt.code_at(ordinal)
            result = rounding_interval(fmt, code, rounding, saturate)
            if result is None:
                continue
            for end, inside, side in ((result.low, result.low_in, 1), (result.high, result.high_in, -1)):
                if end is None:
                    edge = Real(Fraction(10**60), side > 0)
                    assert (exact.encode(fmt, edge, rounding, saturate) == code) or not inside
                    continue
                got = exact.encode(fmt, from_fraction(end), rounding, saturate)
                assert (got == code) == inside, (fmt.name, rounding, saturate, code, end)
                if result.low != result.high:
                    assert exact.encode(fmt, from_fraction(end + side * tiny), rounding, saturate) == code
                if end or not fmt.has_minus_zero:
                    assert exact.encode(fmt, from_fraction(end - side * tiny), rounding, saturate) != code


@settings(max_examples=150)
@given(
    st.sampled_from([*FLOATS[1:], number_format("int8"), number_format("nf4")]),
    st.fractions(min_value=-500, max_value=500, max_denominator=10**6),
    st.sampled_from(ROUNDINGS[:-1]),
)
def test_every_number_lies_in_the_interval_of_its_code(fmt: NumberFormat, value: Fraction, rounding: str) -> None:
    code = exact.encode(fmt, from_fraction(value), rounding)
    if fmt.ordinal(code) is not None and not (value < 0 and fmt.real(code) == Real()):
        result = rounding_interval(fmt, code, rounding)
        assert result is not None and result.holds(value)


def test_steps_and_neighbours() -> None:
    fmt = number_format("float8_e4m3fn")
    assert exact.step(fmt, 0x38, 1) == 0x39 and exact.step(fmt, 0x38, 10**9) == 0x7E
    assert exact.step(fmt, 0x00, -1) == 0x80 and exact.neighbour(fmt, 0x00, -1) == 0x81
    assert exact.neighbour(fmt, 0x81, 1) == 0x80 and exact.neighbour(fmt, 0x80, 1) == 0x01
    assert exact.neighbour(fmt, 0x7E, 1) is None and exact.neighbour(fmt, 0x7F, 1) is None
    half = number_format("float16")
    assert exact.neighbour(half, 0x7BFF, 1) == 0x7C00 and exact.step(half, 0x7E00, 1) == 0xFC00
    for code in range(0, 0x7BFF, 997):
        assert half.real(exact.neighbour(half, code, 1)).to_float() == np.nextafter(
            np.uint16(code).view(np.float16), np.float16(np.inf)
        )
        assert float(exact.ulp(half, code)) == np.spacing(np.uint16(code).view(np.float16))


def test_ulp_at_the_edges() -> None:
    fmt = number_format("float8_e4m3fn")
    assert (
        exact.ulp(fmt, 0x7E) == 32
        and exact.ulp(fmt, 0) == Fraction(1, 512)
        and exact.ulp(fmt, 0x80) == Fraction(1, 512)
    )
    assert exact.ulp(fmt, 0x7F) is None
    assert exact.ulp(number_format("int8"), 127) == 1 and exact.ulp(number_format("int8"), 0x80) == 1


def test_classes() -> None:
    half = number_format("float16")
    classes = {0: "zero", 0x8000: "zero", 1: "subnormal", 0x3FF: "subnormal", 0x400: "normal", 0x7C00: "infinity"}
    classes |= {0x7C01: "nan", 0xFBFF: "normal"}
    assert {code: exact.classify(half, code) for code in classes} == classes
    assert exact.classify(number_format("e8m0"), 0) == "normal"


def count_between(fmt: NumberFormat, low: Fraction, high: Fraction) -> int:
    """Finite codes with values in [low, high]; both zeros count."""
    return max(0, exact.ordinal_at_or_below(fmt, high) - exact.ordinal_at_or_above(fmt, low) + 1)


def test_half_of_all_float32_values_lie_within_one_half_of_zero() -> None:
    fmt = number_format("float32")
    inside = count_between(fmt, Fraction(-1, 2), Fraction(1, 2))
    assert inside == 2_113_929_218
    assert 0.49 < inside / exact.finite_count(fmt) < 0.5
    counts = {f.name: exact.finite_count(f) for f in FLOATS}
    assert counts["float16"] == 63_488 and counts["tf32"] == 522_240 and counts["float8_e8m0fnu"] == 255
    assert counts["float8_e4m3fnuz"] == 255 and counts["float64"] == 2**64 - 2**53 and counts["float8_ue4m3"] == 127


@pytest.mark.parametrize("fmt", SMALL, ids=lambda f: f.name)
def test_counts_are_the_codes_inside(fmt: NumberFormat) -> None:
    if fmt in TABLES:
        return
    values = [fmt.real(code) for code in range(1 << fmt.bits)]
    for low, high in ((-1, 1), (0, 0), (Fraction(1, 3), Fraction(7, 2)), (-1000, Fraction(-1, 100)), (5, 4)):
        inside = [v for v in values if v.finite and low <= v.value <= high]
        assert count_between(fmt, Fraction(low), Fraction(high)) == len(inside)


def test_overflow_follows_the_format() -> None:
    def stored(name: str, value: float, **how: object) -> float:
        fmt = number_format(name)
        return fmt.real(exact.encode(fmt, from_float(value), **how)).to_float()  # type: ignore[arg-type]

    assert stored("float8_e4m3fn", 464) == 448 and np.isnan(stored("float8_e4m3fn", 464.001))
    assert stored("float8_e5m2", 61439) == 57344 and stored("float8_e5m2", 61440) == np.inf
    assert stored("float4_e2m1fn", 1e9) == 6 and stored("float4_e2m1", 1e9) == np.inf
    assert stored("float4_e2m1", 3.4) == 3 and stored("float4_e2m1fn", 3.4) == 3
    assert stored("float8_e4m3fn", 1e9, saturate=True) == 448
    assert (
        stored("float16", 1e9, rounding="toward-zero") == 65504 and stored("float16", -1e9, rounding="up") == -65504
    )
    assert stored("int8", 1e9) == 127 and stored("int8", -1e9) == -128 and stored("mxint8", 1e9) == 1.984375
    assert stored("float8_ue4m3", -3) == 0 and np.isnan(stored("float8_e8m0fnu", -3))


def test_designs() -> None:
    assert parse_design("float:e=4,m=3,bias=7,special=fn").last == 0x7E
    assert parse_design("float:e=5,m=10").bias == 15
    assert [parse_design(f"float:e=4,m=3,special={name}").bias for name in ("fn", "fnuz", "p3109")] == [7, 8, 8]
    assert number_format("E4M3").name == "float8_e4m3fn" and number_format("float128").bits == 128
    name = "float:e=3,m=2,bias=5,special=fn,s=0"
    assert number_format(name).name == name
    for spec, problem in {
        "float:e=16,m=3": "0-15",
        "float:e=4": "needs e and m",
        "float:e=4,m=3,special=odd": "not one of",
        "float:e=x,m=3": "whole number",
        "float:e=1,m=3": "at least 2",
        "float:e=4,m=3,s=0,special=fnuz": "sign bit",
        "float:q=1": "no part",
        "float17": "did you mean",
    }.items():
        with pytest.raises(ValueError, match=problem):
            number_format(spec)


def test_a_codebook_offers_its_lowest_value() -> None:
    codes = special_codes(number_format("nf4"))
    assert [codes[name] for name in ("lowest", "-1", "0", "max")] == [0, 0, 7, 15]


@pytest.mark.parametrize("spec", ["e3m0", "e0m7", "e9m9"])
def test_an_unknown_float_is_told_how_to_design_it(spec: str) -> None:
    e, m = spec[1:].split("m")
    with pytest.raises(ValueError, match=f"float:e={e},m={m}"):
        number_format(spec)
