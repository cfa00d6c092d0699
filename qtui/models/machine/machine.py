"""A machine's memory: what there is, amounts as people write them, and what to pretend instead."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from qtui.error import QtuiError

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_BINARY_UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_SIZE = r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)(b?)"


class Gpu(NamedTuple):
    """A graphics card. Bytes; `bandwidth` in bytes per second where it is published, else None.

    `kind` is its class of devices in the speed model (`compute/memory/speed.py`).
    """

    name: str
    total: int
    free: int
    bandwidth: int | None = None
    kind: str = "nvidia"


class Machine(NamedTuple):
    """Memory that a model can use, in bytes, and where the numbers come from.

    `ram_available` is what a new process can get now, within every limit; `ram_limit` the tightest cgroup limit on
    this process. With `unified` memory, CPU and GPU share the RAM, and `gpu_share` of it is the most that the GPU may
    hold. `bandwidth` is that of the RAM in bytes per second, `swept` says that it was measured here. `notes` say what
    could not be read or was assumed. `kind` is the class of devices that reads the RAM, in the speed model.
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
    kind: str = "cpu"
    swept: bool = False

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

    Raises QtuiError where it is no size, or nothing that memory comes in.
    """
    match = re.fullmatch(_SIZE, text.strip().lower())
    if match is None:
        raise QtuiError(f"{text!r} is no amount of memory; write it like 64GB (10^9 bytes) or 64GiB (2^30 bytes)")
    number, unit, binary, byte = match.groups()
    if not unit and (binary or not byte) and number != "0":
        raise QtuiError(f"{text!r} has no unit; write {number}GB (10^9 bytes) or {number}GiB (2^30 bytes)")
    whole, _, part = number.partition(".")
    part = part[:18]
    size: int = int(whole[:18] + part) * (_BINARY_UNITS if binary else _UNITS)[unit] // 10 ** len(part)
    if size >= 1 << 60 or len(whole) > 18:
        raise QtuiError(f"{text!r} is more memory than there is; check the unit")
    return size


def gpu_share(total: int) -> int:
    """What macOS lets the GPU wire down of `total` bytes, unless `sysctl iogpu.wired_limit_mb` raises it.

    Two thirds up to 36 GB, three quarters above: Metal's recommendedMaxWorkingSetSize as it is reported.
    """
    return total * 3 // 4 if total > 36 << 30 else total * 2 // 3


def with_overrides(
    machine: Machine, ram: int | None = None, vram: Sequence[int] | None = None, like: Gpu | None = None
) -> Machine:
    """`machine` as if it had `ram` bytes, all free, and a card for each size in `vram`, none for 0.

    Cards are taken to be as fast as `like`; notes say what is assumed.
    """
    notes = list(machine.notes)
    if ram is not None:
        share = gpu_share(ram) if machine.kind == "apple-gpu" else None
        machine = machine._replace(ram_total=ram, ram_available=ram, ram_limit=None, gpu_share=share)
        fast = f", and as fast as that of {machine.name}" if machine.bandwidth and not machine.swept else ""
        notes.append(f"RAM as given, taken to be free{fast}")
    if vram is not None:
        names = [f"card {i + 1} as given" for i in range(len(vram))] if len(vram) > 1 else ["card as given"]
        cards = [Gpu(name, size, size) for name, size in zip(names, vram, strict=True) if size]
        if like is not None and cards:
            cards = [card._replace(bandwidth=like.bandwidth, kind=like.kind) for card in cards]
            notes.append(f"{'cards' if len(cards) > 1 else 'a card'} as given, taken to be as fast as {like.name}")
        machine = machine._replace(gpus=tuple(cards), unified=False, gpu_share=None)
    return machine._replace(notes=tuple(notes))


def name_words(name: str) -> list[str]:
    """The words of a machine's or a device's name, in lower case."""
    return name.lower().replace("-", " ").replace(",", "").split()
