"""A stored value as source code: Python, C and Rust, each exactly that code."""

from __future__ import annotations

from qtui.compute.floats.grids import IntFormat
from qtui.compute.floats.layout import NumberFormat
from qtui.compute.floats.text import code_hex, exact_decimal, hex_float, shortest_decimal

LANGUAGES = ("python", "c", "rust")
_NUMPY = {"float32": "np.float32", "float16": "np.float16"}
_WITH_PAYLOAD = ("float64", "float32", "float16")  # numpy keeps the bits of their NaN
_ML_DTYPES = ("bfloat16", "float8_", "float6_", "float4_e2m1fn")
_NOT_IN_ML_DTYPES = ("float8_ue4m3",)


def literal(fmt: NumberFormat, code: int, language: str) -> str:
    """An expression whose value is `code` of `fmt`. Raises ValueError for an unknown language."""
    makers = {"python": _python, "c": _c, "rust": _rust}
    if language not in makers:
        raise ValueError(f"a literal is for {', '.join(LANGUAGES)}, not {language}")
    return makers[language](fmt, code)


def _plain(fmt: NumberFormat, code: int) -> str:
    """The shortest decimal, made to look like a float."""
    text = shortest_decimal(fmt, code)
    return text if "." in text or "e" in text else text + ".0"


def _is_whole(fmt: NumberFormat) -> bool:
    return isinstance(fmt, IntFormat) and fmt.scale == 0


def _python(fmt: NumberFormat, code: int) -> str:
    real = fmt.real(code)
    if _is_whole(fmt):
        return exact_decimal(real)
    if fmt.name == "float64" and real.finite:
        return _plain(fmt, code)
    if _has_payload(fmt, code) and fmt.name in _WITH_PAYLOAD:
        return f"np.uint{fmt.bits}({code_hex(fmt, code)}).view(np.{fmt.name})"
    if fmt.name == "float64":
        return f'float("{exact_decimal(real)}")'
    if fmt.name in _NUMPY:
        return f"{_NUMPY[fmt.name]}({_quoted(fmt, code)})"
    if fmt.name.startswith(_ML_DTYPES) and fmt.name not in _NOT_IN_ML_DTYPES:
        width = next(size for size in (8, 16) if size >= fmt.bits)
        return f"np.uint{width}({code_hex(fmt, code)}).view(ml_dtypes.{fmt.name})"
    return f'float.fromhex("{hex_float(real)}")' if real.finite else f'float("{exact_decimal(real)}")'


def _has_payload(fmt: NumberFormat, code: int) -> bool:
    """Whether `code` is another NaN than the plain one: with a sign, signalling, or with a payload."""
    return fmt.real(code).kind == "nan" and code != fmt.nan_code(False)


def _quoted(fmt: NumberFormat, code: int) -> str:
    """What numpy's constructors read back exactly: they take a float64, which must not be rounded twice."""
    real = fmt.real(code)
    return f'float.fromhex("{hex_float(real)}")' if real.finite else f'"{exact_decimal(real)}"'


def _c(fmt: NumberFormat, code: int) -> str:
    real = fmt.real(code)
    sign = "-" if real.negative else ""
    if _is_whole(fmt):
        kind = f"{'' if fmt.first < 0 else 'u'}int{_box(fmt.bits)}_t"
        return f"({kind}){exact_decimal(real)}"
    if fmt.name in ("float64", "float32"):
        if _has_payload(fmt, code):
            kind = "float" if fmt.bits == 32 else "double"
            return f"(union {{ uint{fmt.bits}_t bits; {kind} value; }}){{ {code_hex(fmt, code)} }}.value"
        if real.kind == "nan":
            return "NAN"
        if real.kind == "inf":
            return f"{sign}INFINITY"
        return hex_float(real) + ("f" if fmt.name == "float32" else "")
    return f"(uint{_box(fmt.bits)}_t){code_hex(fmt, code)} /* {fmt.name} {shortest_decimal(fmt, code)} */"


def _rust(fmt: NumberFormat, code: int) -> str:
    real = fmt.real(code)
    if _is_whole(fmt):
        return f"{exact_decimal(real)}_{'i' if fmt.first < 0 else 'u'}{_box(fmt.bits)}"
    short = {"float64": "f64", "float32": "f32"}.get(fmt.name)
    if short and real.kind != "finite":
        return f"{short}::from_bits({code_hex(fmt, code)})"
    if short:
        return f"{_plain(fmt, code)}_{short}"
    if fmt.name in ("bfloat16", "float16"):
        crate = "half::bf16" if fmt.name == "bfloat16" else "half::f16"
        return f"{crate}::from_bits({code_hex(fmt, code)})"
    return f"{code_hex(fmt, code)}_u{_box(fmt.bits)} /* {fmt.name} {shortest_decimal(fmt, code)} */"


def _box(bits: int) -> int:
    return next((size for size in (8, 16, 32, 64) if size >= bits), 128)
