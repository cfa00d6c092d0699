"""This machine as it is now: memory installed and free, limits set on this process, graphics cards.

Nothing large is imported: on Linux /proc and /sys are read, elsewhere psutil is asked. Bandwidth is measured only
when asked (`bandwidth.py`), and what was measured is kept, since that takes a second.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from typing import Any

from qtui import paths
from qtui.models.machine.gpus import amd_gpus, nvidia_gpus, published
from qtui.models.machine.linux import read_memory
from qtui.models.machine.machine import Machine, gpu_share

_FILE = "bandwidth.json"  # what was measured


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


def keep_bandwidth(machine: Machine, bandwidth: int, method: str) -> None:
    """Keep what was measured of this `machine`, bytes per second. A disk that can't be written to keeps nothing."""
    day = time.strftime("%Y-%m-%d")
    text = json.dumps({"of": _key(machine), "bandwidth": bandwidth, "method": method, "day": day})
    with contextlib.suppress(OSError):
        paths.write_own(paths.cache_file(_FILE), text)


def with_kept_bandwidth(machine: Machine) -> Machine:
    """This `machine` with the bandwidth that was measured on it before, or as it is."""
    try:
        kept = json.loads(paths.read_small(paths.cache_file(_FILE)))
        valid = _is_valid(kept) and kept["of"] == _key(machine)
    except (OSError, ValueError, RecursionError):
        return machine
    if not valid:
        return machine
    source = f"{machine.source}; bandwidth measured on {kept['day'][:10]}: {kept['method'][:120]}"
    return machine._replace(bandwidth=kept["bandwidth"], swept=True, source=source)


def _is_valid(kept: Any) -> bool:
    if not isinstance(kept, dict) or not all(isinstance(kept.get(key), str) for key in ("day", "method")):
        return False
    bandwidth = kept.get("bandwidth")
    return type(bandwidth) is int and 10**6 < bandwidth < 10**14


def _key(machine: Machine) -> list[Any]:
    """What tells this machine from another that shares its home folder."""
    name = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    return [name, os.cpu_count(), machine.ram_total]
