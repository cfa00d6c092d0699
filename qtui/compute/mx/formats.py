"""Microscaling formats: MXFP8, MXFP6, MXFP4 and MXINT8, and NVFP4 with one or two levels of scales.

Names start with "mx_" and "nvfp4_" and so stand beside ggml's own MXFP4 and NVFP4, which round otherwise. The MX
ones take ":scale=floor|ceil|even|rceil", as in "mx_fp4:scale=rceil"; the specification's floor is the default.
"""

from __future__ import annotations

from qtui.compute.format import Format, FormatError, FormatFamily, turned

SCALES = ("floor", "ceil", "even", "rceil")


def _mx(name: str, element: str, bits: int, description: str) -> Format:
    return Format(
        name,
        "mx",
        32,
        1 + 4 * bits,
        description,
        "qtui.compute.mx.codec:MxCodec",
        codec_options=(("element", element),),
        decoding="microscaling",
        scale_is_power_of_two=True,
        scale_from_range=True,
    )


def _nvfp4(name: str, description: str, **options: bool) -> Format:
    extra = 4 if options["two_level"] else 0
    path = "qtui.compute.mx.nvfp4:NvCodec"
    return Format(
        name,
        "mx",
        16,
        9,
        description,
        path,
        tensor_bytes_extra=extra,
        codec_options=tuple(options.items()),
        scale_from_range=True,
    )


_MX: tuple[Format, ...] = (
    _mx("mx_fp8_e4m3", "float8_e4m3fn", 8, "MXFP8: 32 E4M3 floats under a power of two"),
    _mx("mx_fp8_e5m2", "float8_e5m2", 8, "MXFP8: 32 E5M2 floats under a power of two"),
    _mx("mx_fp6_e3m2", "float6_e3m2fn", 6, "MXFP6: 32 E3M2 floats under a power of two"),
    _mx("mx_fp6_e2m3", "float6_e2m3fn", 6, "MXFP6: 32 E2M3 floats under a power of two"),
    _mx("mx_fp4", "float4_e2m1fn", 4, "MXFP4: 32 E2M1 floats under a power of two, ties to even"),
    _mx("mx_int8", "int8", 8, "MXINT8: 32 whole numbers of 1/64ths under a power of two"),
)

_FORMATS: tuple[Format, ...] = (
    *_MX,
    _nvfp4("nvfp4_one_level", "NVFP4: 16 E2M1 floats under an E4M3 scale", two_level=False),
    _nvfp4("nvfp4_two_level", "NVFP4 with a float32 scale per tensor above its E4M3 scales", two_level=True),
    _nvfp4(
        "nvfp4_four_over_six",
        "two-level NVFP4 whose blocks end at 6 or at 4, whichever errs less",
        two_level=True,
        four_over_six=True,
    ),
)

# The specification's spelling. MXFP4 and NVFP4 by these names are ggml's.
_ALIASES = {
    "mxfp8": "mx_fp8_e4m3",
    "mxfp8_e4m3": "mx_fp8_e4m3",
    "mxfp8_e5m2": "mx_fp8_e5m2",
    "mxfp6": "mx_fp6_e2m3",
    "mxfp6_e2m3": "mx_fp6_e2m3",
    "mxfp6_e3m2": "mx_fp6_e3m2",
    "mxint8": "mx_int8",
}


def parse(spec: str) -> Format | None:
    """An MX format with a rounding of its scale; None where `spec` means something else. ValueError for mistakes."""
    written, colon, rest = spec.partition(":")
    name = _ALIASES.get(written, written)
    known = next((fmt for fmt in _FORMATS if fmt.name == name), None)
    if known is None or not colon:
        return known
    if known not in _MX:
        raise FormatError(f"{name} takes no options")
    option, _, value = rest.partition("=")
    if option.strip() != "scale" or value.strip() not in SCALES:
        raise FormatError(f"{spec!r} should read {name}:scale= and one of {', '.join(SCALES)}")
    rounding = value.strip()
    if rounding == "floor":
        return known
    return known._replace(
        name=f"{name}:scale={rounding}",
        description=f"{known.description}, rounded by {rounding}",
        codec_options=(*known.codec_options, ("scale", rounding)),
    )


def _turn(fmt: Format, what: str, by: int) -> str | None:
    """The spec of `fmt` with another rounding of its scales."""
    name, _, rounding = fmt.name.partition(":scale=")
    if what not in ("scale", "rounding") or not fmt.scale_is_power_of_two:
        return None
    return f"{name}:scale={turned(SCALES, rounding or 'floor', by)}"


FAMILY = FormatFamily("mx", "microscaling (mx)", _FORMATS, parse, turn=_turn)
