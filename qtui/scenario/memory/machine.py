"""Which machine a Memory Scenario is about: this one, one of the list, or amounts of memory that a person typed."""

from __future__ import annotations

import re
from dataclasses import replace

from qtui.error import QtuiError
from qtui.models.machine.machine import Machine, parse_size, with_overrides
from qtui.scenario.base import UserError
from qtui.scenario.memory.scenario import MemoryScenario, shares_of
from qtui.scenario.progress import Progress

# What the driver and CUDA's context take of each card beside a model: 300 to 500 MiB are usual.
DRIVER = 512 << 20
_CARD = r"\b(?:vram|gpu|card)\b"
_KIND = rf"{_CARD}|\b(?:ram|memory|of|with|and|a)\b"


def machine_of(scenario: MemoryScenario, progress: Progress | None = None) -> Machine:
    """The machine to fit: this one, or what the Scenario pretends. Raises UserError for one that isn't known."""
    scenario = _amounts_as_such(scenario)
    if scenario.machine:
        from qtui.models.machine.named import named  # with the list of machines

        machine = named(scenario.machine)
    else:
        machine = _this_machine(scenario, progress)
    ram = parse_size(scenario.ram) if scenario.ram else None
    cards = card_sizes(scenario.vram) if scenario.vram else None
    return with_overrides(machine, ram, cards, machine.gpus[0] if scenario.machine and machine.gpus else None)


def _this_machine(scenario: MemoryScenario, progress: Progress | None) -> Machine:
    """This machine, or one with the RAM that is given, and how fast its memory is where that is to be measured."""
    from qtui.models.machine.detect import detect, keep_bandwidth, with_kept_bandwidth  # reads the system

    machine = detect()
    if scenario.ram:
        machine = machine._replace(name=amounts_text(scenario.ram, scenario.vram), source="as given")
    elif not scenario.measure:
        machine = with_kept_bandwidth(machine)
    if scenario.measure:
        from qtui.models.machine.bandwidth import SECONDS, measure

        if progress is not None:
            progress.tick(0, 0, f"measuring this machine's memory bandwidth for {SECONDS:g} s")
        measured = measure()
        if not scenario.ram:
            keep_bandwidth(machine, measured.bandwidth, measured.method)
        machine = machine._replace(bandwidth=measured.bandwidth, swept=True, source=measured.method)
    return machine


def _amounts_as_such(scenario: MemoryScenario) -> MemoryScenario:
    """`scenario` with what its `machine` gives where that is "48GB": amounts of memory."""
    try:
        given = amounts(scenario.machine)
    except QtuiError:
        return scenario
    ram, vram = given.get("ram", scenario.ram), given.get("vram", scenario.vram)
    return replace(scenario, machine="", ram=ram, vram=vram)


def card_rooms(machine: Machine, scenario: MemoryScenario) -> tuple[int, ...]:
    """Bytes of each card that a model can have, nothing where the processor shares its memory with the graphics."""
    if machine.unified:
        return ()
    if scenario.engine == "vllm":
        return tuple(int(card.free * scenario.gpu_memory_utilization) for card in machine.gpus)
    # A card that was given as an amount is that much free memory; others keep some for their driver.
    kept = DRIVER if scenario.engine == "llama.cpp" else 0
    return tuple(card.free - (0 if "as given" in card.name else min(card.free, kept)) for card in machine.gpus)


def card_shares(scenario: MemoryScenario, cards: int) -> tuple[float, ...]:
    """The shares of the cards that person or engine give, nothing where their memory decides. Raises UserError."""
    if cards < 1:
        return ()
    if scenario.engine == "vllm":
        return (1 / cards,) * cards
    if scenario.split_mode == "none":
        return (1.0, *[0.0] * (cards - 1))
    if not scenario.tensor_split:
        return ()
    shares = shares_of(scenario.tensor_split)
    if len(shares) > cards:
        raise UserError(f"--tensor-split has {len(shares)} shares for {cards} cards")
    return (*shares, *[0.0] * (cards - len(shares)))


def card_sizes(text: str) -> list[int]:
    """Bytes of each card in "24GB", "24GB,16GB" or "2x24GB"; 0 for none. Raises QtuiError."""
    sizes: list[int] = []
    for part in re.split(r"[,+]", text.strip(" ,+")):
        times = re.fullmatch(r"\s*([1-9]\d?)\s*[x×*]\s*(.+)", part)
        sizes += [card_size(times[2] if times else part)] * (int(times[1]) if times else 1)
    return sizes


def card_size(text: str) -> int:
    """Bytes of one card as a person types them; 0 for none."""
    return 0 if text.strip() == "0" else parse_size(text)


def amounts(text: str) -> dict[str, str]:
    """Amounts of memory as a person types them: "64 GB", "64GB + 24GB VRAM", "RAM 16 GiB, no GPU".

    Returns the Scenario's `ram` and `vram`, those that were named. Raises UserError where it is anything else.
    """
    given: dict[str, str] = {}
    for part in filter(None, (part.strip().lower() for part in re.split(r"[+,;]", text))):
        kind = "vram" if re.search(_CARD, part) else "ram"
        size = re.sub(_KIND, " ", part).strip()
        size = size if re.search(r"\d\s+\d", size) else "".join(size.split())  # "4090 24GB" is no amount
        if kind in given:
            raise UserError(f"{text!r} names {kind.upper()} twice; write it like 64GB + 24GB VRAM")
        if kind == "vram" and size in ("no", "0"):
            given[kind] = "0"
            continue
        if not parse_size(size):
            raise UserError(f"{text!r} leaves no memory; write it like 64GB + 24GB VRAM")
        given[kind] = re.sub(r"(?<=[0-9.])([kmgt])(i?)b?$", lambda unit: f"{unit[1].upper()}{unit[2]}B", size)
    if not given:
        raise UserError("write an amount of memory like 64GB, or 64GB + 24GB VRAM")
    return given


def amounts_text(ram: str, vram: str) -> str:
    """The same, short: "64GB RAM + 24GB VRAM"."""
    parts = [f"{ram} RAM"] if ram else []
    if vram:
        parts.append("no card" if vram.strip() == "0" else f"{vram} VRAM")
    return " + ".join(parts)
