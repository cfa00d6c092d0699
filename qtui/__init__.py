"""qtui: a terminal explorer of language-model quantization, and its numbers for scripts and notebooks.

    >>> import qtui
    >>> stored = qtui.quantize([0.16, -0.89, 0.08, -0.13], "Q4_0")
    >>> stored.bits_per_weight
    4.5

The names below are imported when they are first used, so that `import qtui` itself costs nothing. The terminal's
side starts at `qtui/scenario/base.py`: Scenario, solve, Result, view.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtui.api import (
        ErrorStats,
        Format,
        OpenModel,
        QtuiError,
        Quantized,
        TensorInfo,
        bits,
        error_stats,
        formats,
        get_format,
        memory,
        open_model,
        quantize,
    )

__version__ = "0.1.0"
__all__ = [
    "ErrorStats",
    "Format",
    "OpenModel",
    "Quantized",
    "QtuiError",
    "TensorInfo",
    "bits",
    "error_stats",
    "formats",
    "get_format",
    "memory",
    "open_model",
    "quantize",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'qtui' has no attribute {name!r}")
    from qtui import api

    value = globals()[name] = getattr(api, name)
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
