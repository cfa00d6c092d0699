"""Machines to simulate: laptops, desktops, cards and nodes, with the memory and bandwidth that vendors publish.

Bandwidths are the peak figures of the vendors' own specification pages, in GB/s (10⁹); for plain PCs and servers they
are channels × width × rate of the memory, as JEDEC defines it. RAM and VRAM modules are sold in powers of two, so
capacities here are GiB.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from qtui.error import QtuiError, near_matches
from qtui.models.machine.machine import Gpu, Machine, gpu_share, name_words

GIB = 1 << 30


class Card(NamedTuple):
    """One accelerator: capacity in GiB, bandwidth in bytes per second, who publishes that, its class of devices."""

    name: str
    gib: int
    bandwidth: int
    source: str
    kind: str = "nvidia"

    @property
    def gpu(self) -> Gpu:
        """The card with all of its memory free."""
        return Gpu(self.name, self.gib * GIB, self.gib * GIB, self.bandwidth, self.kind)


def _cards(source: str, kind: str, *rows: tuple[str, int, float]) -> tuple[Card, ...]:
    return tuple(Card(name, gib, round(gbs * 1e9), source, kind) for name, gib, gbs in rows)


CARDS: tuple[Card, ...] = (
    *_cards(
        "NVIDIA GeForce specifications",
        "nvidia",
        ("RTX 2060", 6, 336),
        ("RTX 2070", 8, 448),
        ("RTX 2080", 8, 448),
        ("RTX 2080 Ti", 11, 616),
        ("RTX 3060", 12, 360),
        ("RTX 3060 Ti", 8, 448),
        ("RTX 3070", 8, 448),
        ("RTX 3080", 10, 760.3),
        ("RTX 3080 Ti", 12, 912.4),
        ("RTX 3090", 24, 936.2),
        ("RTX 3090 Ti", 24, 1008),
        ("RTX 4060", 8, 272),
        ("RTX 4060 Ti", 16, 288),
        ("RTX 4070", 12, 504.2),
        ("RTX 4070 SUPER", 12, 504.2),
        ("RTX 4070 Ti", 12, 504.2),
        ("RTX 4070 Ti SUPER", 16, 672.3),
        ("RTX 4080", 16, 716.8),
        ("RTX 4080 SUPER", 16, 736.3),
        ("RTX 4090", 24, 1008),
        ("RTX 5060", 8, 448),
        ("RTX 5060 Ti", 16, 448),
        ("RTX 5070", 12, 672),
        ("RTX 5070 Ti", 16, 896),
        ("RTX 5080", 16, 960),
        ("RTX 5090", 32, 1792),
        ("RTX 3050", 8, 224),
        ("RTX 3060 laptop", 6, 336),
        ("RTX 3070 laptop", 8, 448),
        ("RTX 3080 laptop", 16, 448),
        ("RTX 4060 laptop", 8, 256),
        ("RTX 4070 laptop", 8, 256),
        ("RTX 4080 laptop", 12, 432),
        ("RTX 4090 laptop", 16, 576),
        ("RTX 5060 laptop", 8, 384),
        ("RTX 5070 laptop", 8, 384),
        ("RTX 5070 Ti laptop", 12, 672),
        ("RTX 5080 laptop", 16, 896),
        ("RTX 5090 laptop", 24, 896),
    ),
    *_cards(
        "NVIDIA GeForce and Tesla specifications",
        "nvidia-old",
        ("GTX 1070", 8, 256),
        ("GTX 1080", 8, 320),
        ("GTX 1080 Ti", 11, 484),
        ("Tesla P40", 24, 346),
        ("Tesla M40", 24, 288),
    ),
    *_cards(
        "NVIDIA data-centre and RTX data sheets",
        "nvidia",
        ("Tesla T4", 16, 320),
        ("L4", 24, 300),
        ("A10", 24, 600),
        ("RTX A4000", 16, 448),
        ("RTX A2000 12GB", 12, 288),
        ("RTX A5000", 24, 768),
        ("RTX A6000", 48, 768),
        ("Quadro RTX 8000", 48, 672),
        ("RTX 5000 Ada", 32, 576),
        ("RTX 6000 Ada", 48, 960),
        ("L40S", 48, 864),
        ("RTX PRO 6000 Blackwell", 96, 1792),
    ),
    *_cards(
        "NVIDIA data-centre and RTX data sheets",
        "nvidia-hbm",
        ("Tesla P100", 16, 732),
        ("V100", 32, 900),
        ("A100 40GB", 40, 1555),
        ("A100 80GB", 80, 2039),
        ("H100 PCIe", 80, 2000),
        ("H100", 80, 3350),
        ("H200", 141, 4800),
        ("B200", 180, 8000),
    ),
    *_cards(
        "AMD Radeon and Instinct specifications",
        "amd",
        ("RX 6700 XT", 12, 384),
        ("RX 6800 XT", 16, 512),
        ("RX 7600 XT", 16, 288),
        ("RX 7800 XT", 16, 624),
        ("RX 7900 XT", 20, 800),
        ("RX 7900 XTX", 24, 960),
        ("RX 9060 XT", 16, 320),
        ("RX 9070 XT", 16, 640),
        ("Radeon PRO W7900", 48, 864),
        ("MI50", 32, 1024),
        ("MI210", 64, 1638),
        ("MI300X", 192, 5300),
        ("MI325X", 256, 6000),
        ("MI355X", 288, 8000),
    ),
    *_cards("Intel Arc specifications", "amd", ("Arc A770", 16, 560), ("Arc B580", 12, 456)),
)


def _shared(source: str, kind: str, *rows: tuple[str, int, float]) -> tuple[Machine, ...]:
    """Machines whose CPU and GPU share memory: name, GiB, GB/s."""
    return tuple(
        Machine(
            name,
            gib * GIB,
            gib * GIB,
            unified=True,
            gpu_share=gpu_share(gib * GIB) if kind == "apple-gpu" else gib * GIB * 3 // 4 if kind == "amd" else None,
            bandwidth=round(gbs * 1e9),
            source=source,
            kind=kind,
        )
        for name, gib, gbs in rows
    )


def _plain(source: str, *rows: tuple[str, int, float]) -> tuple[Machine, ...]:
    """Machines without a graphics card: name, GiB, GB/s."""
    return tuple(
        Machine(name, gib * GIB, gib * GIB, bandwidth=round(gbs * 1e9), source=source) for name, gib, gbs in rows
    )


def _hosts() -> tuple[Machine, ...]:
    """One machine for each card: a desktop PC with 64 GiB of dual-channel DDR5-5600."""
    note = ("the host is taken to be a PC with 64 GiB of dual-channel DDR5-5600",)
    return tuple(
        Machine(
            card.name,
            64 * GIB,
            64 * GIB,
            gpus=(card.gpu,),
            bandwidth=89_600_000_000,
            source=card.source,
            notes=note,
        )
        for card in CARDS
    )


def _node(name: str, count: int, card: str, ram_gib: int, ram_gbs: float) -> Machine:
    accelerator = next(item for item in CARDS if item.name == card)
    ram = ram_gib * GIB
    return Machine(
        name, ram, ram, gpus=(accelerator.gpu,) * count, bandwidth=round(ram_gbs * 1e9), source=accelerator.source
    )


_APPLE = (
    ("MacBook Air M1 8GB", 8, 68.25),
    ("MacBook Air M2 16GB", 16, 100),
    ("MacBook Air M3 16GB", 16, 100),
    ("MacBook Air M4 16GB", 16, 120),
    ("MacBook Air M4 32GB", 32, 120),
    ("MacBook Pro M5 32GB", 32, 153.6),
    ("MacBook Pro M1 Pro 16GB", 16, 200),
    ("MacBook Pro M1 Max 64GB", 64, 400),
    ("MacBook Pro M2 Pro 32GB", 32, 200),
    ("MacBook Pro M2 Max 64GB", 64, 400),
    ("MacBook Pro M3 Pro 36GB", 36, 150),
    ("MacBook Pro M3 Max 128GB", 128, 400),
    ("MacBook Pro M4 Pro 48GB", 48, 273),
    ("MacBook Pro M4 Max 64GB", 64, 546),
    ("MacBook Pro M4 Max 128GB", 128, 546),
    ("Mac mini M4 16GB", 16, 120),
    ("Mac mini M4 Pro 64GB", 64, 273),
    ("Mac Studio M1 Ultra 128GB", 128, 800),
    ("Mac Studio M2 Ultra 192GB", 192, 800),
    ("Mac Studio M3 Ultra 256GB", 256, 819),
    ("Mac Studio M3 Ultra 512GB", 512, 819),
)

MACHINES: tuple[Machine, ...] = (
    *_plain(
        "channels × 64 bits × rate (JEDEC)",
        ("laptop 8GB", 8, 51.2),
        ("laptop 16GB", 16, 76.8),
        ("laptop 32GB", 32, 89.6),
        ("desktop 32GB", 32, 89.6),
        ("desktop 64GB", 64, 89.6),
        ("desktop 128GB", 128, 83.2),
        ("Threadripper PRO 7000 512GB", 512, 332.8),
        ("EPYC 9004 768GB", 768, 460.8),
        ("EPYC 9005 1.5TB, two sockets", 1536, 1152.0),
        ("Xeon 8-channel 512GB", 512, 307.2),
        ("Ryzen 7950X 64GB", 64, 83.2),
        ("Raspberry Pi 5 8GB", 8, 17.1),
        ("Raspberry Pi 5 16GB", 16, 17.1),
    ),
    *_shared("Apple's technical specifications", "apple-gpu", *_APPLE),
    *_shared("Apple's technical specifications", "apple-cpu", ("M2 Max CPU alone 64GB", 64, 400)),
    *_shared(
        "AMD Ryzen AI Max+ 395 and Valve Steam Deck specifications",
        "amd",
        ("Ryzen AI Max 395 64GB (Strix Halo)", 64, 256),
        ("Ryzen AI Max 395 128GB (Strix Halo)", 128, 256),
        ("Steam Deck OLED 16GB", 16, 102.4),
    ),
    *_shared(
        "NVIDIA DGX Spark and Jetson data sheets",
        "nvidia",
        ("DGX Spark 128GB", 120, 273),  # of 128 GiB its system sees so many
        ("Jetson Orin Nano 8GB", 8, 102),
        ("Jetson AGX Orin 64GB", 64, 204.8),
        ("Jetson AGX Thor 128GB", 128, 273),
    ),
    *_hosts(),
    _node("2x RTX 3090", 2, "RTX 3090", 128, 83.2),
    _node("2x RTX 4090", 2, "RTX 4090", 128, 83.2),
    _node("4x RTX 3090", 4, "RTX 3090", 256, 204.8),
    _node("8x A100 80GB", 8, "A100 80GB", 2048, 409.6),
    _node("8x H100", 8, "H100", 2048, 614.4),
    _node("8x H200", 8, "H200", 2048, 614.4),
    _node("8x B200", 8, "B200", 2048, 716.8),
    _node("8x MI300X", 8, "MI300X", 2048, 921.6),
)


@lru_cache(maxsize=256)
def simulated(name: str) -> Machine:
    """The machine called `name`, found by its words in any order and case.

    Raises QtuiError with the candidates where none fits, or several do.
    """
    wanted = name_words(name)
    fitting = [m for m in MACHINES if wanted and all(word in " ".join(name_words(m.name)) for word in wanted)]
    fitting = [m for m in fitting if same_chip(wanted, name_words(m.name))]
    whole = [m for m in fitting if set(wanted) <= set(name_words(m.name))]
    fitting = whole or fitting
    fewest = min((len(name_words(m.name)) for m in fitting), default=0)
    plainest = [m for m in fitting if len(name_words(m.name)) == fewest]
    if len(plainest) == 1:
        return plainest[0]
    names = [m.name for m in fitting or MACHINES]
    if fitting:
        shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
        raise QtuiError(f"{name!r} can be {shown}; name one of them")
    near = near_matches(name, names, cutoff=0.4)
    hint = f"did you mean {', '.join(near)}?" if near else "try MacBook, RTX 4090, 8x H100, or give --ram and --vram"
    raise QtuiError(f"no machine is called {name!r}; {hint}")


def same_chip(wanted: Sequence[str], words: Sequence[str]) -> bool:
    """Whether a machine of `words` has Apple's chip that is `wanted`: an M1 is no M1 Pro."""
    chip = next((word for word in wanted if word[:1] == "m" and word[1:].isdigit()), "")
    if chip not in words or chip not in wanted:
        return True
    kinds = {"pro", "max", "ultra"}
    return not kinds & (set(words[words.index(chip) + 1 :]) - set(wanted[wanted.index(chip) + 1 :]))
