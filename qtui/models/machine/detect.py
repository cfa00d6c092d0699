"""This machine as it is now: memory installed and free, limits set on this process, graphics cards.

Nothing large is imported: on Linux /proc and /sys are read, elsewhere psutil is asked. Bandwidth is measured only
when asked (`bandwidth.py`).
"""

from __future__ import annotations

import sys

from qtui.models.machine.gpus import amd_gpus, nvidia_gpus, published
from qtui.models.machine.linux import read_memory
from qtui.models.machine.machine import Machine, gpu_share


def detect() -> Machine:
    """This machine as it is now. What can't be read is left out and noted; never raises for odd systems."""
    notes: list[str] = []
    if sys.platform.startswith("linux"):
        total, available, limit = read_memory(notes)
    else:
        import psutil

        memory = psutil.virtual_memory()
        total, available, limit = memory.total, memory.available, None
    gpus, shared = nvidia_gpus(notes)
    if sys.platform.startswith("linux"):
        gpus += amd_gpus(notes)
    gpus = tuple(published(gpu) for gpu in gpus)
    apple = _is_apple_silicon()
    share = gpu_share(total) if apple else None
    if apple:
        notes.append("macOS lets the GPU hold about two thirds (three quarters above 36 GB) of memory; estimate")
    return Machine(
        "this machine",
        total,
        available,
        limit,
        unified=apple or shared,
        gpu_share=share,
        gpus=gpus,
        source="read from the system now",
        notes=tuple(notes),
        kind="apple-gpu" if apple else "nvidia" if shared else "cpu",
    )


def _is_apple_silicon() -> bool:
    if sys.platform != "darwin":
        return False
    import platform

    return platform.machine() == "arm64"
