"""The floats as storage formats: plain casts, a code a weight, packed into whole bytes.

A plain cast overflows as the format says (to infinity, to NaN, or to its largest value); ":saturate" clamps instead,
and ":round=toward-zero" and the like choose a rounding, as in "float8_e4m3fn:saturate,round=up". A design of one's
own is "float:e=4,m=3,bias=7,special=fn", with the same two words after it.
"""

from __future__ import annotations

import math

from qtui.compute.floats.layout import ROUNDINGS, FloatFormat
from qtui.compute.floats.table import ALIASES, FLOATS, number_format
from qtui.compute.format import Format, FormatFamily, turned
from qtui.compute.fp8.formats import has_scales

MAX_STORED_BITS = 64
# These names belong to ggml's own F32, F16 and BF16.
_GGML_NAMES = ("f32", "f16", "bf16")


def _storage(fmt: FloatFormat, name: str, saturate: bool, rounding: str) -> Format:
    """Codes of `fmt` side by side: the fewest weights that fill whole bytes make a block."""
    bits = fmt.stored_bits
    shared = math.gcd(bits, 8)
    options = (("spec", fmt.name), ("saturate", saturate), ("rounding", rounding))
    return Format(
        name,
        "floats",
        block_size=8 // shared,
        block_bytes=bits // shared,
        description=fmt.description,
        codec_path="qtui.compute.floats.codec:FloatCodec",
        codec_options=options,
        is_plain=True,
    )


def parse(spec: str) -> Format | None:
    """A float by another name ("fp16", "e4m3"), with options, or designed; None where `spec` means something else.

    Raises ValueError for a float with options that make no sense.
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
        fmt = number_format("float:" + ",".join(layout))
    elif name in ALIASES or any(name == known.name for known in FLOATS):
        fmt = number_format(name)
    else:
        return None
    if not isinstance(fmt, FloatFormat) or fmt.stored_bits > MAX_STORED_BITS:
        raise ValueError(f"{spec} has more than {MAX_STORED_BITS} bits; `qtui bits` shows it, but nothing stores it")
    saturate, rounding = False, ROUNDINGS[0]
    for word in words:
        key, _, value = word.partition("=")
        if word in ("saturate", "sat"):
            saturate = True
        elif key == "round" and value in ROUNDINGS:
            rounding = value
        else:
            raise ValueError(f"{word!r} is no option of {name}; it takes saturate and round={'|'.join(ROUNDINGS)}")
    suffix = ["saturate"] * saturate + [f"round={rounding}"] * (rounding != ROUNDINGS[0])
    joined = "," if ":" in fmt.name else ":"
    return _storage(fmt, fmt.name + (joined + ",".join(suffix) if suffix else ""), saturate, rounding)


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
    tuple(_storage(fmt, fmt.name, False, ROUNDINGS[0]) for fmt in FLOATS),
    parse,
    turn=_turn,
)
