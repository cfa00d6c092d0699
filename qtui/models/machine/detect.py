"""The machine: memory installed and free, limits set on this process, GPUs; and what to pretend instead.

`detect` looks at this machine without importing anything large: on Linux it reads /proc and /sys, elsewhere it asks
psutil. Bandwidth is measured only when asked (`machine_bandwidth`); published machines are in `machine_list`.
"""

import re
import sys
from typing import NamedTuple

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_BINARY_UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_SIZE = r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)(b?)"


class Gpu(NamedTuple):
    """A graphics card. Bytes; `bandwidth` in bytes per second where it is published, else None."""

    name: str
    total: int
    free: int
    bandwidth: int | None = None


class Machine(NamedTuple):
    """Memory that a model can use, in bytes, and where the numbers come from.

    `ram_available` is what a new process can get now, within every limit; `ram_limit` the tightest cgroup limit on
    this process. With `unified` memory, CPU and GPU share the RAM, and `gpu_share` of it is the most that the GPU may
    hold. `bandwidth` is that of the RAM in bytes per second. `notes` say what could not be read or was assumed.
    """

    name: str
    ram_total: int
    ram_available: int
    ram_limit: int | None = None
    unified: bool = False
    gpu_share: int | None = None
    gpus: tuple[Gpu, ...] = ()
    bandwidth: int | None = None
    source: str = ""
    notes: tuple[str, ...] = ()

    @property
    def vram_total(self) -> int:
        """Memory of all cards together."""
        return sum(gpu.total for gpu in self.gpus)

    @property
    def vram_free(self) -> int:
        """Free memory of all cards together."""
        return sum(gpu.free for gpu in self.gpus)


def parse_size(text: str) -> int:
    """Bytes in "64GB" (10⁹), "64GiB" (2³⁰), "24G" (as GB), "1.5 TB". Exact, rounded down to whole bytes.

    Raises ValueError where it is no size, or nothing that memory comes in.
    """
    found = re.fullmatch(_SIZE, text.strip().lower())
    if found is None:
        raise ValueError(f"{text!r} is no amount of memory; write it like 64GB (10⁹ bytes) or 64GiB (2³⁰ bytes)")
    number, unit, binary, byte = found.groups()
    if not unit and (binary or not byte) and number != "0":
        raise ValueError(f"{text!r} has no unit; write {number}GB (10⁹ bytes) or {number}GiB (2³⁰ bytes)")
    whole, _, part = number.partition(".")
    size: int = int(whole + part) * (_BINARY_UNITS if binary else _UNITS)[unit] // 10 ** len(part)
    if size >= 1 << 60:
        raise ValueError(f"{text!r} is more memory than there is; check the unit")
    return size


def with_overrides(machine: Machine, ram: int | None = None, vram: int | None = None) -> Machine:
    """`machine` as if it had `ram` bytes, all free, and one card of `vram` bytes (no card where that is 0)."""
    if ram is not None:
        machine = machine._replace(ram_total=ram, ram_available=ram, ram_limit=None, gpu_share=None)
        machine = machine._replace(notes=(*machine.notes, "RAM as given, taken to be free"))
    if vram is not None:
        cards = (Gpu("card as given", vram, vram),) if vram else ()
        machine = machine._replace(gpus=cards, unified=False, gpu_share=None)
    return machine


def detect() -> Machine:
    """This machine as it is now. What can't be read is left out and noted; never raises for odd systems."""
    from qtui.models.machine.gpus import amd_gpus, nvidia_gpus, published_bandwidth

    notes: list[str] = []
    if sys.platform.startswith("linux"):
        from qtui.models.machine.linux import read_memory

        total, available, limit = read_memory(notes)
    else:
        import psutil

        memory = psutil.virtual_memory()
        total, available, limit = memory.total, memory.available, None
    gpus, shared = nvidia_gpus(notes)
    if sys.platform.startswith("linux"):
        gpus += amd_gpus(notes)
    gpus = tuple(gpu._replace(bandwidth=published_bandwidth(gpu.name)) for gpu in gpus)
    apple = _is_apple_silicon()
    share = _apple_gpu_share(total, notes) if apple else None
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
    )


def _is_apple_silicon() -> bool:
    if sys.platform != "darwin":
        return False
    import platform

    return platform.machine() == "arm64"


def _apple_gpu_share(total: int, notes: list[str]) -> int:
    """What macOS lets the GPU wire down by default; `sysctl iogpu.wired_limit_mb` raises it."""
    notes.append("macOS lets the GPU hold about two thirds (three quarters above 36 GB) of memory; estimate")
    return total * 3 // 4 if total > 36 << 30 else total * 2 // 3
