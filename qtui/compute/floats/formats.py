"""The floats as storage formats: plain casts, a code a weight, packed into whole bytes.

A plain cast overflows as the format says (to infinity, to NaN, or to its largest value); ":saturate" clamps instead,
and ":round=toward-zero" and the like choose a rounding, as in "float8_e4m3fn:saturate,round=up". A design of one's
own is "float:e=4,m=3,bias=7,special=fn", with the same two words after it.
"""

from __future__ import annotations

import math

from qtui.compute.floats.names import ALIASES, NAMED, ROUNDINGS, stored_bits
from qtui.compute.format import Format, FormatError, FormatFamily, turned
from qtui.compute.fp8.formats import has_scales

MAX_STORED_BITS = 64
# These names belong to ggml's own F32, F16 and BF16.
_GGML_NAMES = ("f32", "f16", "bf16")


def _storage(spec: str, bits: int, description: str, saturate: bool = False, rounding: str = ROUNDINGS[0]) -> Format:
    """Codes of the float `spec` side by side: the fewest weights that fill whole bytes make a block."""
    shared = math.gcd(bits, 8)
    options = (("spec", spec), ("saturate", saturate), ("rounding", rounding))
    words = ["saturate"] * saturate + [f"round={rounding}"] * (rounding != ROUNDINGS[0])
    joined = "," if ":" in spec else ":"
    return Format(
        spec + (joined + ",".join(words) if words else ""),
        "floats",
        block_size=8 // shared,
        block_bytes=bits // shared,
        description=description,
        codec_path="qtui.compute.floats.codec:FloatCodec",
        codec_options=options,
        is_plain=True,
    )


def parse(spec: str) -> Format | None:
    """A float by another name ("fp16", "e4m3"), with options, or designed; None where `spec` means something else.

    Raises FormatError for a float with options that make no sense.
    """
    name, _, rest = spec.partition(":")
    if name in _GGML_NAMES:
        return None
    words = [word.strip() for word in rest.split(",") if word.strip()]
    if has_scales(name, words):
        return None
    if name == "float" and rest:
        layout = [word for word in words if word.split("=")[0] in ("e", "m", "bias", "special", "s")]
        words = [word for word in words if word not in layout]
        plain, bits, description = _designed("float:" + ",".join(layout))
    elif (plain := ALIASES.get(name, name)) in NAMED:
        bits, description = stored_bits(plain), NAMED[plain][6]
    elif name in ALIASES:
        plain, bits, description = _designed(plain)
    else:
        return None
    if bits > MAX_STORED_BITS:
        raise FormatError(f"{spec} has more than {MAX_STORED_BITS} bits; `qtui bits` shows it, but nothing stores it")
    saturate, rounding = False, ROUNDINGS[0]
    for word in words:
        key, _, value = word.partition("=")
        if word in ("saturate", "sat"):
            saturate = True
        elif key == "round" and value in ROUNDINGS:
            rounding = value
        else:
            raise FormatError(f"{word!r} is no option of {name}; it takes saturate and round={'|'.join(ROUNDINGS)}")
    return _storage(plain, bits, description, saturate, rounding)


def _designed(spec: str) -> tuple[str, int, str]:
    """The name, stored bits and description of the float that `spec` designs. Raises FormatError."""
    from qtui.compute.floats.table import parse_design  # exact numbers, which few formats need

    fmt = parse_design(spec)
    return fmt.name, fmt.stored_bits, fmt.description


def _turn(fmt: Format, what: str, by: int) -> str | None:
    """The spec of `fmt` with another rounding, or clipping where it overflowed."""
    options = dict(fmt.codec_options)
    saturate, rounding = bool(options["saturate"]), str(options["rounding"])
    if what == "rounding":
        rounding = turned(ROUNDINGS, rounding, by)
    elif what == "clip":
        saturate = not saturate
    else:
        return None
    words = (["saturate"] if saturate else []) + [f"round={rounding}"]
    name = str(options["spec"])
    return f"{name}{',' if ':' in name else ':'}{','.join(words)}"


FAMILY = FormatFamily(
    "floats",
    "numbers by themselves (floats)",
    tuple(_storage(name, stored_bits(name), fields[6]) for name, fields in NAMED.items()),
    parse,
    turn=_turn,
)
