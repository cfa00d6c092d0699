"""What `import qtui` offers to scripts and notebooks; every name is documented where it is defined.

The functions work out what the panes and commands show, by the same code.
"""

from __future__ import annotations

from qtui.api.answers import bits, memory
from qtui.api.arrays import Quantized, error_stats, quantize
from qtui.api.files import OpenModel, TensorInfo, open_model
from qtui.compute.errors.stats import ErrorStats
from qtui.compute.formats import Format, get_format
from qtui.compute.formats import all_formats as formats
from qtui.error import QtuiError

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
