"""What people type and read: entries, decimals, hex floats, literals."""

import math
import struct
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qtui.compute.floats import exact, literals, text
from qtui.compute.floats.entry import read
from qtui.compute.floats.layout import NumberFormat
from qtui.compute.floats.real import Real, from_float
from qtui.compute.floats.table import design, number_format

F64, F32, F16, BF16 = (number_format(name) for name in ("float64", "float32", "float16", "bfloat16"))


def bits_of(value: float) -> int:
    return struct.unpack("<Q", struct.pack("<d", value))[0]


@given(st.floats(allow_nan=False))
@example(5e-324)
@example(2.2250738585072014e-308)
@example(1e23)
@example(9007199254740993.0)
@example(1.7976931348623157e308)
@example(-0.0)
def test_float64_is_written_and_read_as_python_does(value: float) -> None:
    code = bits_of(value)
    assert exact.encode(F64, from_float(value)) == code
    shortest = text.shortest_decimal(F64, code)
    assert shortest in (repr(value), repr(value).removesuffix(".0")) or shortest == "inf"
    if math.isfinite(value):
        assert float.fromhex(text.hex_float(F64.real(code))) == value
        entered = read(text.exact_decimal(F64.real(code)), 64).real
        assert exact.encode(F64, entered) == code and entered == F64.real(code)


@given(st.from_regex(r"-?[0-9]{1,40}(\.[0-9]{1,40})?(e[+-]?[0-9]{1,3})?", fullmatch=True))
@example("0.1000000000000000055511151231257827021181583404541015625")
@example("179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330")
def test_decimal_text_rounds_to_float64_as_python_does(entered: str) -> None:
    assert exact.encode(F64, read(entered, 64).real) == bits_of(float(entered))


@settings(max_examples=60)
@given(st.integers(0, 0xFFFFFFFF))
def test_float32_is_written_as_numpy_does(code: int) -> None:
    value = np.uint32(code).view(np.float32)
    if np.isfinite(value):
        assert float(text.shortest_decimal(F32, code)) == float(str(value))
        assert exact.encode(F32, read(text.shortest_decimal(F32, code), 32).real) == code


def test_a_decimal_goes_to_the_format_at_once_not_through_float64() -> None:
    # One part in 10^40 above a tie: float64 can't see it, and would round to even, down.
    assert exact.encode(BF16, read("1.00390625" + "0" * 30 + "1", 16).real) == 0x3F81
    assert exact.encode(BF16, read("1.00390625", 16).real) == 0x3F80


@pytest.mark.parametrize(
    "name", ["bfloat16", "float16", "float8_e4m3fn", "float6_e2m3fn", "float4_e2m1", "int8", "nf4"]
)
def test_shortest_and_exact_decimals_read_back(name: str) -> None:
    fmt = number_format(name)
    for code in range(0, 1 << fmt.bits, 37 if fmt.bits == 16 else 1):
        real = fmt.real(code)
        for written in (text.shortest_decimal(fmt, code), text.exact_decimal(real)):
            back = exact.encode(fmt, read(written, fmt.bits).real)
            assert fmt.real(back) == real or real.kind == "nan", (code, written)


@pytest.mark.parametrize(
    ("entered", "value"),
    [
        ("1/3", Fraction(1, 3)),
        ("2**-14", Fraction(1, 1 << 14)),
        ("0.1+0.2", Fraction(3, 10)),
        ("-2**2", Fraction(-4)),
        ("2**3**2", Fraction(512)),
        ("2**-1", Fraction(1, 2)),
        ("7-2-1", Fraction(4)),
        ("12/2/3", Fraction(2)),
        ("-(1+2)*-3", Fraction(9)),
        ("0x1.8p-3", Fraction(3, 16)),
        ("0X.8P1", Fraction(1)),
        (" 1_000.5 ", Fraction(2001, 2)),
        (".5", Fraction(1, 2)),
        ("5.", Fraction(5)),
        ("6.02e23", Fraction(602 * 10**21)),
        ("\u22121.5", Fraction(-3, 2)),
    ],
)
def test_expressions_are_exact(entered: str, value: Fraction) -> None:
    assert read(entered, 32).real.value == value


def test_words_zeros_and_codes() -> None:
    assert read("-inf", 8).real == Real(negative=True, kind="inf")
    assert read("NaN", 8).real.kind == "nan"
    assert read("inf-inf", 8).real.kind == "nan"
    assert read("-0.0", 8).real == Real(negative=True) and read("0", 8).real == Real()
    assert (read("0x3DCC", 16).code, read("0b1_01", 16).code, read("#15820", 16).code) == (0x3DCC, 5, 15820)


@pytest.mark.parametrize(
    ("entered", "problem"),
    [
        ("", "type a number"),
        ("foo", "words are inf and nan"),
        ("1 2", "not understood"),
        ("1+", "a number should follow"),
        ("(1", "parenthesis"),
        ("1/0", "zero"),
        ("0**-1", "zero"),
        ("9**9**9", "beyond"),
        ("(((9**999)**99)**99)**99", "too large"),
        ("1e999999999", "beyond"),
        ("1e-99999999999999999999", "beyond"),
        ("1" * 30_000, "characters"),
        ("1" + "+1" * 300, "characters"),
        ("(" * 60 + "1", "parentheses"),
        ("2**0.5", "whole exponent"),
        ("0x10000", "17 bits"),
        ("0b2", "base 2"),
        ("0xp1", "no digits"),
        ("0x1p99999999", "beyond"),
        ("__import__('os')", "not a number"),
        ("\u0663", "not a number"),
    ],
)
def test_what_cannot_be_used_is_told_at_once(entered: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read(entered, 16)


@settings(max_examples=200)
@given(st.text(alphabet="0123456789.+-*/()e x_pinfa^b#", max_size=40))
def test_no_text_does_anything_but_give_a_number_or_a_reason(entered: str) -> None:
    try:
        entry = read(entered, 16)
    except ValueError as error:
        assert len(str(error)) < 200
    else:
        assert entry.code is not None or isinstance(entry.real, Real)


def test_step_by_step_arithmetic_is_that_of_the_format() -> None:
    def in_float64(real: Real) -> Real:
        return F64.real(exact.encode(F64, real))

    for entered in ("0.1+0.2", "1/3*3", "0.1*3", "1e16+1-1e16", "2**0.0", "1/49*49"):
        assert read(entered, 64, in_float64).real.to_float() == eval(entered)


def test_long_exact_decimals_keep_every_digit() -> None:
    digits, exponent = text.decimal_digits(F64.real(1).size)
    assert (len(digits), exponent) == (751, -1074)
    huge = design(15, 112)
    digits, _ = text.decimal_digits(huge.real(huge.code_at(1)).size)
    assert len(digits) == 11_529
    assert text.exact_decimal(BF16.real(0x3DCD)) == "0.10009765625"
    assert text.exact_decimal(BF16.real(0x8000)) == "-0"
    assert text.hex_float(F32.real(1)) == "0x1p-149"


def test_rounded_decimals() -> None:
    assert [text.rounded_decimal(Fraction(1, 3), 3), text.rounded_decimal(Fraction(2, 3), 3)] == ["0.333", "0.667"]
    assert text.rounded_decimal(Fraction(999_999_6, 10), 6) == "1000000"
    assert text.rounded_decimal(Fraction(-1, 3 * 10**9), 3) == "-3.33e-10"


def codes_of(fmt: NumberFormat) -> list[int]:
    return [0, 1, fmt.code_at(fmt.first), fmt.code_at(fmt.last), exact.encode(fmt, from_float(0.1))]


@pytest.mark.parametrize(
    "name", ["float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float4_e2m1fn", "int8"]
)
def test_python_literals_are_the_value(name: str) -> None:
    fmt = number_format(name)
    for code in codes_of(fmt):
        value = float(eval(literals.literal(fmt, code, "python"), {"np": np, "ml_dtypes": ml_dtypes}))
        assert from_float(value) == fmt.real(code)


@pytest.mark.parametrize("name", ["float64", "float32", "float16", "bfloat16", "float8_e5m2"])
def test_python_literals_keep_a_nans_sign_and_payload(name: str) -> None:
    fmt = number_format(name)
    quiet = 1 << (fmt.mantissa - 1)
    top = ((1 << fmt.exponent) - 1) << fmt.mantissa
    for code in (top | quiet, top | quiet | 1, top | 1, 1 << (fmt.bits - 1) | top | quiet):
        made = np.asarray(eval(literals.literal(fmt, code, "python"), {"np": np, "ml_dtypes": ml_dtypes}))
        assert int.from_bytes(made.tobytes(), "little") == code


def test_c_and_rust_literals() -> None:
    assert literals.literal(F32, 0x7FC00000, "c") == "NAN"
    assert literals.literal(F32, 0x7FA00001, "c") == "(union { uint32_t bits; float value; }){ 0x7fa00001 }.value"
    code = exact.encode(F32, from_float(0.1))
    assert literals.literal(F32, code, "c") == "0x1.99999ap-4f"
    assert literals.literal(F32, code, "rust") == "0.1_f32"
    assert literals.literal(BF16, 0x3DCD, "rust") == "half::bf16::from_bits(0x3dcd)"
    assert literals.literal(number_format("uint4"), 9, "c") == "(uint8_t)9"
    with pytest.raises(ValueError, match="python, c, rust"):
        literals.literal(F32, 0, "cobol")
