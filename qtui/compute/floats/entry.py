"""What a person types, read exactly: decimals of any length, hex floats, codes, expressions, inf, nan and -0.

    entry   ::= "0x" hex digits | "0b" binary digits | "#" decimal digits     a code of the format
              | sum                                                           a number
    sum     ::= term (("+" | "-") term)*          term  ::= sign (("*" | "/") sign)*
    sign    ::= ("+" | "-") sign | power          power ::= atom ("**" sign)?
    atom    ::= decimal | hex float ("0x1.8p-3") | "inf" | "nan" | "(" sum ")"

Numbers are fractions, so nothing is rounded until the one rounding to the format. The size of every intermediate
result is bounded beforehand, so no input takes long.
"""

from __future__ import annotations

import decimal
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from qtui.compute.floats.real import NAN, Real, from_fraction, infinity, power_of_two
from qtui.error import QtuiError

MAX_TEXT = 20_000  # characters of a number
MAX_EXPRESSION = 400  # characters of an expression
MAX_POWER_OF_TEN = 11_000  # a little beyond what 15 exponent bits and their largest bias reach
MAX_BITS = 80_000  # of a numerator or denominator
MAX_DEPTH = 40  # nested parentheses and signs

_DECIMAL = re.compile(r"(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[+-]?\d+)?", re.ASCII)
_HEX_FLOAT = re.compile(r"0x([0-9a-f]*)\.?([0-9a-f]*)p([+-]?\d+)", re.ASCII)
_WORD = re.compile(r"[a-z]+", re.ASCII)
_OPERATOR = re.compile(r"\*\*|[-+*/()^]")
_CODE = re.compile(r"(0x|0b|#)([0-9a-f_]+)", re.ASCII)

Round = Callable[[Real], Real]


@dataclass(frozen=True)
class EnteredNumber:
    """A number, or a code; `operations` counts the arithmetic in it."""

    real: Real = Real()
    code: int | None = None
    operations: int = 0


def read(text: str, bits: int, step_by_step: Round | None = None) -> EnteredNumber:
    """The number or the `bits`-bit code in `text`.

    `step_by_step` rounds each number and each result of an expression, as arithmetic in a format does.
    Raises QtuiError with the problem and the remedy.
    """
    wanted = text.strip().lower().replace("\u2212", "-")
    if not wanted:
        raise QtuiError(
            "type a number, such as 0.1, 1/3, 2**-14, 0x1.8p-3, inf, nan, or a code, such as 0x3dcc or 0b01"
        )
    code = _CODE.fullmatch(wanted)
    if code:
        return EnteredNumber(code=_read_code(code[1], code[2], bits))
    if len(wanted) > MAX_TEXT:
        raise QtuiError(f"that is {len(wanted):,} characters long; a number may have {MAX_TEXT:,}")
    reader = _EntryReader(wanted, step_by_step or (lambda real: real))
    real = reader.whole()
    return EnteredNumber(real=real, operations=reader.operations)


def _read_code(prefix: str, digits: str, bits: int) -> int:
    base = {"0x": 16, "0b": 2, "#": 10}[prefix]
    plain = digits.replace("_", "")
    if len(plain) > 200:
        raise QtuiError(f"a code of this format has {bits} bits; {prefix}... is far longer")
    try:
        code = int(plain, base)
    except ValueError:
        raise QtuiError(f"{prefix}{digits} is no number in base {base}") from None
    if code >> bits:
        raise QtuiError(f"{prefix}{digits} needs {code.bit_length()} bits; a code of this format has {bits}")
    return code


class _EntryReader:
    """A recursive-descent parser over `text`; see the grammar above."""

    def __init__(self, text: str, rounded: Round) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.operations = 0
        self.rounded = rounded

    def whole(self) -> Real:
        """The value of all of the text."""
        value = self.sum()
        if self.peek():
            raise QtuiError(f"{self.rest()} is not understood here; write a number such as 0.1, 1/3 or 2**-14")
        return value

    def rest(self) -> str:
        """What is still to be read, shortened for a message."""
        rest = self.text[self.at :].strip()
        return repr(rest if len(rest) <= 20 else rest[:19] + "…")

    def peek(self) -> str:
        """The next operator or character, not consumed; "" at the end."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        operator = _OPERATOR.match(self.text, self.at)
        return operator[0] if operator else self.text[self.at : self.at + 1]

    def take(self, *operators: str) -> str:
        """The next operator if it is one of these, consumed; "" otherwise."""
        token = self.peek()
        if token not in operators:
            return ""
        self.at += len(token)
        return token

    def sum(self) -> Real:
        """term (("+" | "-") term)*"""
        value = self.term()
        while operator := self.take("+", "-"):
            value = self.apply(_add, value, self.term() if operator == "+" else _negated(self.term()))
        return value

    def term(self) -> Real:
        """sign (("*" | "/") sign)*"""
        value = self.sign()
        while operator := self.take("*", "/"):
            value = self.apply(_multiply if operator == "*" else _divide, value, self.sign())
        return value

    def sign(self) -> Real:
        """("+" | "-") sign | power"""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise QtuiError(f"more than {MAX_DEPTH} parentheses and signs inside one another")
        operator = self.take("+", "-")
        value = self.sign() if operator else self.power()
        self.depth -= 1
        return _negated(value) if operator == "-" else value

    def power(self) -> Real:
        """atom ("**" sign)?"""
        base = self.atom()
        if self.take("**", "^"):
            return self.apply(_power, base, self.sign())
        return base

    def atom(self) -> Real:
        """A number, a word or a parenthesis."""
        if self.take("("):
            value = self.sum()
            if not self.take(")"):
                raise QtuiError("a closing parenthesis is missing")
            return value
        for pattern, read_it in ((_HEX_FLOAT, _read_hex), (_DECIMAL, _read_decimal), (_WORD, _read_word)):
            text_match = pattern.match(self.text, self.at)
            if text_match:
                self.at = text_match.end()
                return self.rounded(read_it(text_match))
        if not self.peek():
            raise QtuiError("the expression ends where a number should follow")
        raise QtuiError(f"{self.rest()} is not a number; write one such as 0.1, 1/3, 2**-14, 0x1.8p-3, inf or nan")

    def apply(self, operation: Callable[[Real, Real], Real], left: Real, right: Real) -> Real:
        """The rounded result, refused when it gets long."""
        self.operations += 1
        if len(self.text) > MAX_EXPRESSION:
            raise QtuiError(f"an expression may have {MAX_EXPRESSION} characters")
        result = operation(left, right)
        _check_bits(result.size.numerator.bit_length() + result.size.denominator.bit_length())
        return self.rounded(result)


def _check_bits(bits: int) -> None:
    if bits > MAX_BITS:
        raise QtuiError("a result in this expression is too large or too small; no format here reaches it")


def _read_decimal(text_match: re.Match[str]) -> Real:
    mantissa, _, power = text_match[0].replace("_", "").partition("e")
    if len(power) > 8 or abs(int(power or 0)) > MAX_POWER_OF_TEN + MAX_TEXT:
        raise QtuiError(f"e{power} is beyond every format here; write inf or 0, or stay within e±{MAX_POWER_OF_TEN}")
    number = decimal.Decimal(mantissa)
    exponent = int(number.as_tuple().exponent) + int(power or 0)
    adjusted = number.adjusted() + int(power or 0)
    if number and abs(adjusted) > MAX_POWER_OF_TEN:
        raise QtuiError(f"10^{adjusted} is beyond every format here; write inf or 0")
    digits = int(number.scaleb(-int(number.as_tuple().exponent), _WIDE))
    return Real(Fraction(digits * 10**exponent) if exponent >= 0 else Fraction(digits, 10**-exponent))


_WIDE = decimal.Context(prec=MAX_TEXT + 10, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)


def _read_hex(text_match: re.Match[str]) -> Real:
    whole, fraction, power = text_match[1], text_match[2], text_match[3]
    if not whole + fraction:
        raise QtuiError(f"{text_match[0]} has no digits; write a hex float such as 0x1.8p-3")
    if len(power) > 6 or abs(int(power)) > MAX_BITS // 2 or len(whole + fraction) > MAX_BITS // 16:
        raise QtuiError(f"p{power} is beyond every format here; write inf or 0")
    return Real(int(whole + fraction, 16) * power_of_two(int(power) - 4 * len(fraction)))


def _read_word(text_match: re.Match[str]) -> Real:
    if text_match[0] in ("inf", "infinity"):
        return infinity()
    if text_match[0] == "nan":
        return NAN
    raise QtuiError(f"{text_match[0]!r} is not understood; the words are inf and nan, everything else is numbers")


def _negated(real: Real) -> Real:
    return Real(real.size, not real.negative, real.kind)


def _add(a: Real, b: Real) -> Real:
    if a.finite and b.finite:
        if a.size == b.size == 0 and a.negative and b.negative:
            return a
        return from_fraction(a.value + b.value)
    if "nan" in (a.kind, b.kind) or (a.kind == b.kind and a.negative != b.negative):
        return NAN
    return a if a.kind == "inf" else b


def _multiply(a: Real, b: Real) -> Real:
    negative = a.negative != b.negative
    if a.finite and b.finite:
        return Real(a.size * b.size, negative)
    if "nan" in (a.kind, b.kind) or (a.finite and not a.size) or (b.finite and not b.size):
        return NAN
    return infinity(negative)


def _divide(a: Real, b: Real) -> Real:
    if b.finite and not b.size and a.kind != "nan":
        raise QtuiError("that divides by zero; write inf or nan if that is what you mean")
    negative = a.negative != b.negative
    if a.finite and b.finite:
        return Real(a.size / b.size, negative)
    if b.kind == "inf" and a.finite:
        return Real(negative=negative)
    return NAN if "nan" in (a.kind, b.kind) or a.kind == b.kind else infinity(negative)


def _power(a: Real, b: Real) -> Real:
    if not a.finite or not b.finite or b.value.denominator != 1:
        raise QtuiError("** takes a finite number and a whole exponent, as in 2**-14")
    exponent = int(b.value)
    if abs(exponent) > MAX_BITS:
        raise QtuiError(f"the exponent {exponent if abs(exponent) < 10**12 else '…'} is beyond every format here")
    _check_bits(abs(exponent) * (max(a.size.numerator, a.size.denominator).bit_length() - 1))
    if not a.size and exponent < 0:
        raise QtuiError("that divides by zero; write inf if that is what you mean")
    return Real(a.size**exponent, a.negative and exponent % 2 == 1)
