"""Tensors that a person keeps in RAM beside a card: llama.cpp's --n-cpu-moe and --override-tensor."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from qtui.compute.memory.architecture import Architecture
from qtui.compute.memory.devices import Places
from qtui.compute.memory.tensors import WeightTensor
from qtui.compute.memory.weights import StoredTensors
from qtui.error import QtuiError

# Names of llama.cpp's buffer types: the RAM, and cards by the library that drives them.
_BUFFER = r"cpu|metal|(?:cuda|rocm|musa|vulkan|sycl|cann|mtl)\d{1,3}"


class KeptInRam(NamedTuple):
    """Bytes that stay in RAM, what one token reads of them, and how many layers they belong to."""

    bytes: int = 0
    read: int = 0
    layers: int = 0


def places_of(cpu_moe: int, overrides: Sequence[str]) -> Places | None:
    """What `--n-cpu-moe` and patterns such as "ffn_.*_exps=CPU" keep in RAM; None where nothing was asked.

    The first pattern that a tensor's name matches counts, as in llama.cpp. Raises QtuiError for an invalid one, and
    for a buffer that llama.cpp does not have.
    """
    patterns = [_pattern(text) for text in overrides]
    if not cpu_moe and not patterns:
        return None

    def in_ram(layer: int | None, tensor: WeightTensor) -> bool:
        name = tensor.name if layer is None or tensor.name.startswith("blk.") else f"blk.{layer}.{tensor.name}"
        for pattern, on_cpu in patterns:
            if pattern.search(name):
                return on_cpu
        return layer is not None and layer < cpu_moe and tensor.part == "experts"

    return in_ram


def _pattern(text: str) -> tuple[re.Pattern[str], bool]:
    """A pattern and whether it names the RAM."""
    pattern, sign, buffer = text.rpartition("=")
    if not sign or not pattern:
        raise QtuiError(f"--override-tensor takes PATTERN=BUFFER such as ffn_.*_exps=CPU, not {text!r}")
    name = buffer.strip()
    if not re.fullmatch(_BUFFER, name.lower()):
        raise QtuiError(
            f"--override-tensor knows no buffer {name!r}; llama.cpp's are CPU, and CUDA0, ROCm0, Vulkan0, "
            "SYCL0 (0 is the first card) or Metal"
        )
    try:
        return re.compile(pattern), name.upper() == "CPU"
    except re.error as error:
        raise QtuiError(f"--override-tensor's pattern {pattern!r} is no regular expression: {error}") from None


def kept_in_ram(arch: Architecture, stored: Sequence[StoredTensors], in_ram: Places) -> KeptInRam:
    """What `in_ram` keeps of the weights. The embedding table, which is there anyway, is left out."""
    mixture = next((f for f in arch.ffns if f.experts), None)
    top, experts = (mixture.experts_per_token, mixture.experts) if mixture is not None else (1, 1)
    size = read = 0
    touched: set[int] = set()
    for item in stored:
        if item.tensor.part == "embedding":
            continue
        moved = [layer for layer in item.layers if in_ram(layer, item.tensor)]
        size_of_one = item.bytes // len(item.layers)
        size += size_of_one * len(moved)
        read += (size_of_one * min(top, experts) // experts if item.tensor.part == "experts" else size_of_one) * len(
            moved
        )
        touched.update(layer for layer in moved if layer is not None)
    return KeptInRam(size, read, len(touched))
