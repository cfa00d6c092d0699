"""Graphics cards: NVIDIA's as nvidia-smi reports them, AMD's as Linux's amdgpu driver does."""

from __future__ import annotations

import os

from qtui.models.machine.linux import read_number, read_text
from qtui.models.machine.machine import Gpu

TIMEOUT = 5.0  # seconds; a driver that hangs should not hang qtui
INTEGRATED = 4 << 30  # integrated AMD graphics keep at most this much for themselves unless the BIOS is set otherwise
VARIANTS = frozenset(("ti", "super", "laptop", "mobile", "nvl"))  # words in a name that stand for other memory
_QUERY = ("--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits")
_WSL = "/usr/lib/wsl/lib"  # where Windows puts it in WSL, often outside PATH


def nvidia_gpus(notes: list[str]) -> tuple[tuple[Gpu, ...], bool]:
    """The cards, and whether one of them shares the machine's RAM. What went wrong is added to `notes`."""
    program = _find("nvidia-smi")
    if program is None:
        return (), False
    import subprocess

    try:
        done = subprocess.run([program, *_QUERY], capture_output=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = "did not answer" if isinstance(error, subprocess.TimeoutExpired) else "can't be run"
        notes.append(f"nvidia-smi {reason}, so no card is counted; give its memory with --vram")
        return (), False
    if done.returncode:
        reasons = done.stdout.decode("utf-8", "replace").strip().splitlines()[:1] or ["no reason given"]
        notes.append(f"nvidia-smi failed ({reasons[0][:80]}), so no card is counted; give its memory with --vram")
        return (), False
    return parse_cards(done.stdout.decode("utf-8", "replace"), notes)


def parse_cards(text: str, notes: list[str]) -> tuple[tuple[Gpu, ...], bool]:
    """Cards in nvidia-smi's rows of name, total MiB, free MiB; and whether one reports no memory of its own.

    Chips with unified memory (GB10, Jetson) report "[N/A]".
    """
    cards, shared = [], False
    for row in filter(str.strip, text.splitlines()):
        name, total, free = ([part.strip() for part in row.rsplit(",", 2)] + ["", ""])[:3]
        if total.isdigit() and free.isdigit() and int(total):
            cards.append(Gpu(name, int(total) << 20, int(free) << 20))
        elif "n/a" in total.lower() or "not supported" in total.lower():
            shared = True
            notes.append(f"{name} has no memory of its own; it shares the RAM")
        else:
            notes.append(f"nvidia-smi said {row.strip()[:60]!r}, which is no card; give its memory with --vram")
    return tuple(cards), shared


def amd_gpus(notes: list[str], root: str = "/") -> tuple[Gpu, ...]:
    """Cards of the amdgpu driver; `root` is where /sys is. An integrated one, which shares the RAM, is only noted."""
    folder = os.path.join(root, "sys/class/drm")
    cards = []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        device = os.path.join(folder, name, "device")
        total = read_number(os.path.join(device, "mem_info_vram_total"))
        if not total or "-" in name:  # card0-DP-1 and the like are its sockets
            continue
        used = read_number(os.path.join(device, "mem_info_vram_used")) or 0
        label = read_text(os.path.join(device, "product_name")).strip() or f"AMD {name}"
        if total <= INTEGRATED:
            notes.append(f"{label} is integrated and shares the RAM")
        else:
            cards.append(Gpu(label, total, max(total - used, 0), kind="amd"))
    return tuple(cards)


def published(gpu: Gpu) -> Gpu:
    """`gpu` with the bandwidth and the class of devices that are published for its name, where it is listed."""
    from qtui.models.machine.list import CARDS  # where there is a card

    words = set(gpu.name.lower().replace("-", " ").split())
    named = [(card, set(card.name.lower().replace("-", " ").split())) for card in CARDS]
    # An RTX 3060 Ti is no RTX 3060, and neither is the one of laptops.
    fitting = [card for card, own in named if own <= words and not (words - own) & VARIANTS]
    best = max(fitting, key=lambda card: len(card.name), default=None)
    return gpu._replace(bandwidth=best.bandwidth, kind=best.kind) if best else gpu


def _find(program: str) -> str | None:
    for folder in (*os.environ.get("PATH", "").split(os.pathsep), _WSL):
        path = os.path.join(folder, program)
        if folder and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None
