"""The memory bandwidth that was measured here, kept for later questions: to measure it takes a second."""

from __future__ import annotations

import contextlib
import json
import os
import time
from typing import Any

from qtui import paths
from qtui.models.machine.machine import Machine

_FILE = "bandwidth.json"


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
