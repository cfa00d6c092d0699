"""The floats by name, the ones that a person designs, and the way to every number format (others: `codes.py`)."""

from __future__ import annotations

import re

from qtui.compute.floats.codes import INTEGERS, TABLES, codebook
from qtui.compute.floats.grids import IntFormat
from qtui.compute.floats.layout import SPECIALS, FloatFormat, NumberFormat
from qtui.compute.floats.names import ALIASES, NAMED
from qtui.compute.format import FormatError
from qtui.error import near_matches

FLOATS: tuple[FloatFormat, ...] = tuple(FloatFormat(name, *fields) for name, fields in NAMED.items())
MAX_EXPONENT, MAX_MANTISSA, MAX_BIAS = 15, 112, 1 << 15


def number_formats() -> tuple[NumberFormat, ...]:
    """Every named number format: floats, integers, codebooks."""
    return (*FLOATS, *INTEGERS, *TABLES)


def number_format(spec: str) -> NumberFormat:
    """The format that `spec` names, in any case, or designs: "float:e=4,m=3,bias=7,special=fn,s=1", "int5", "uint3",
    "codebook:-1,0,0.4,1".

    Raises FormatError with the remedy.
    """
    wanted = spec.strip().lower()
    wanted = ALIASES.get(wanted, wanted)
    for fmt in number_formats():
        if fmt.name == wanted:
            return fmt
    if wanted.startswith("float:"):
        return parse_design(wanted)
    if wanted.startswith("codebook:"):
        return codebook(wanted)
    stem = wanted.removeprefix("u")
    if stem.startswith("int") and stem[3:].isdecimal() and len(stem) < 6 and 1 <= int(stem[3:]) <= 64:
        return IntFormat(wanted, int(stem[3:]), not wanted.startswith("u"), description="whole numbers")
    bits = re.fullmatch(r"e([0-9]+)m([0-9]+)", wanted)
    if bits is not None:
        raise FormatError(f'no number format is called {spec!r}; "float:e={bits[1]},m={bits[2]}" designs one')
    near = near_matches(wanted, [*(fmt.name for fmt in number_formats()), *ALIASES])
    hint = f"did you mean {', '.join(near)}?" if near else 'try float16 or a design such as "float:e=4,m=3"'
    raise FormatError(f"no number format is called {spec!r}; {hint}")


def usual_bias(exponent: int, special: str) -> int:
    """The bias of a float: IEEE's 2^(exponent-1) - 1, one more for FNUZ and P3109; 1 without an exponent."""
    if exponent <= 0:
        return 1
    return (1 << (exponent - 1)) - (special not in ("fnuz", "p3109"))


def design(
    exponent: int, mantissa: int, bias: int | None = None, special: str = "ieee", sign: int = 1
) -> FloatFormat:
    """A float of one's own. The bias defaults to `usual_bias`.

    Raises FormatError when the widths make no format.
    """
    usual = usual_bias(exponent, special)
    bias = usual if bias is None else bias
    if not 0 <= exponent <= MAX_EXPONENT or not 0 <= mantissa <= MAX_MANTISSA or exponent + mantissa == 0:
        raise FormatError(
            f"a float has 0-{MAX_EXPONENT} exponent bits and 0-{MAX_MANTISSA} mantissa bits, at least one"
        )
    if special not in SPECIALS:
        raise FormatError(f"special={special} is not one of {', '.join(SPECIALS)}")
    if sign not in (0, 1):
        raise FormatError("s is 1 with a sign bit, 0 without")
    if abs(bias) > MAX_BIAS:
        raise FormatError(f"a bias lies between -{MAX_BIAS} and {MAX_BIAS}")
    if special == "ieee" and exponent < 2:
        raise FormatError("special=ieee needs at least 2 exponent bits; take special=none or fn")
    if special in ("fnuz", "p3109") and not sign:
        raise FormatError(f"special={special} uses the code of -0, so it needs the sign bit")
    if exponent + mantissa < 2 and special in ("fn", "p3109"):
        raise FormatError(f"special={special} needs at least two bits beside the sign")
    name = f"float:e={exponent},m={mantissa}"
    name += f",bias={bias}" if bias != usual else ""
    name += f",special={special}" if special != "ieee" else ""
    name += "" if sign else ",s=0"
    return FloatFormat(name, exponent, mantissa, bias, special, sign, description="your own design")


def parse_design(spec: str) -> FloatFormat:
    """The format in "float:e=4,m=3,bias=7,special=fn,s=1", where only e and m must be given. Raises FormatError."""
    example = "write it like float:e=4,m=3,bias=7,special=fn"
    known: dict[str, str] = {}
    for part in spec.strip().lower().removeprefix("float:").split(","):
        key, equals, value = part.strip().partition("=")
        if not equals or key.strip() not in ("e", "m", "bias", "special", "s"):
            raise FormatError(f"{part.strip()!r} is no part of a float's design; {example}")
        known[key.strip()] = value.strip()
    if "e" not in known or "m" not in known:
        raise FormatError(f"a float's design needs e and m; {example}")
    numbers: dict[str, int | None] = {"bias": None, "s": 1}
    for key in ("e", "m", "bias", "s"):
        if key in known:
            digits = known[key].removeprefix("-")
            if not digits.isdecimal() or len(digits) > 6:
                raise FormatError(f"{key}={known[key]} is not a whole number of that size; {example}")
            numbers[key] = int(known[key])
    exponent, mantissa, sign = numbers["e"] or 0, numbers["m"] or 0, numbers["s"] or 0
    return design(exponent, mantissa, numbers["bias"], known.get("special", "ieee"), sign)
