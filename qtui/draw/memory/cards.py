"""Where it lies: every card and the RAM with what each holds, the machine, and how many machines hold it."""

from __future__ import annotations

import re

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.text import (
    best_text,
    context_text,
    kept_text,
    machine_text,
    quality_text,
    short_format,
    split_text,
)
from qtui.draw.picture import Line, Picture, Span, crop, fitted, line
from qtui.draw.safe import cut, safe, wrapped
from qtui.draw.units import decimal, tokens_text, unit_of
from qtui.scenario.memory.result import MemoryResult

LABEL = 17


def devices(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """A row for each card and for the RAM: its layers and what of it is taken, in GB, in MB where that is little."""
    if not result.devices:
        return ()
    unit = unit_of(result.total)
    head = (unit.name, "layers", "weights", "KV cache", "buffers", "total", "of", "free")
    rows: list[list[Span | str]] = [[(name, "dim") for name in head]]
    for device in result.devices:
        free = device.available - device.total
        sizes = [unit.of(size, 2) for size in (device.weights, device.kv_cache, device.compute)]
        total: list[Span | str] = [(unit.of(device.total, 2), "strong"), unit.of(device.available, 2)]
        room: Span = (unit.of(free, 2), "good" if free >= 0 else "bad")
        rows.append([(cut(safe(device.name), 26), "strong"), str(device.layers), *sizes, *total, room])
    return tuple(crop(row, width, glyphs.ellipsis) for row in fitted(rows, "lrrrrrrr", width, (4, 1)))


def cards(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """The devices, and what follows from the sum for this machine and for others."""
    rows: list[Line] = [*devices(result, width, glyphs)]
    rows += [line()] if rows else []
    for label, text in facts(result):
        rows += labelled(label, text, width)
    held = takes(result, width, glyphs)
    return (*rows, line(), *held) if held else tuple(rows)


def facts(result: MemoryResult) -> list[tuple[str, str]]:
    """(label, sentence) of what follows from the sum, but for the speed."""
    listed = [("largest context", context_text(result))]
    if result.serving.sequences > 1:
        listed.append(("sequences", f"{result.serving.sequences} × {result.per_sequence_context:,} tokens"))
    if result.capacity is not None:
        users = ", ".join(f"{count:,} × {tokens_text(context)}" for context, count in result.capacity.users)
        listed.append(("users at once", f"{users} ({result.capacity.tokens:,} tokens of cache have room)"))
    listed += [("on the card" if i == 0 else "", text) for i, text in enumerate(split_text(result))]
    if result.budget.gpu and result.fits and result.need.host:
        listed.append(("in RAM", f"{decimal(result.need.host)} of it: {kept_text(result)}"))
    if result.budget.gpu and any(device.name == "RAM" and device.compute for device in result.devices):
        listed.append(("buffers", "card and RAM each have one for what they compute; the sum has it once"))
    if result.choices is not None and result.choices.best_format is not None:
        listed.append(("best format here", best_text(result.choices)))
        row = next((row for row in result.choices.grid if row.format == result.spec), None)
        listed.append(("quality", f"{short_format(result.spec)}: {quality_text(row.quality if row else None)}"))
    if result.file_bytes and result.serving.engine == "llama.cpp":
        listed.append(("as a file", f"about {decimal(result.file_bytes)}, with the tokenizer"))
    if result.repacked and not result.scenario.repack:
        copy = f"{decimal(result.repacked.bytes)} more may be used by the CPU backend's copy of 4-bit weights"
        listed.append(("beside", f"{copy} (--repack)"))
    beside = [f"{name.replace('_', ' ')} {decimal(size)}" for name, _, size in result.extras if size]
    if beside:
        listed.append(("stored beside", ", ".join(beside) + " (counted with --vision, --mtp)"))
    return [*listed, ("machine", machine_text(result))]


def takes(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """How many of some machines would hold all of it, format by format."""
    if result.choices is None or not result.choices.machines:
        return ()
    names = [count.machine for count in result.choices.machines[0][1]]
    short = [re.sub(r"RTX | Studio M3 Ultra| 9004|GB$", "", name) for name in names]
    rows: list[list[Span | str]] = [[("to hold it", "label"), *((name, "dim") for name in short)]]
    for spec, counts in result.choices.machines:
        here = "strong" if spec == result.spec else ""
        rows.append([(f"  {short_format(spec)}", here), *((f"{count.number:,}", here) for count in counts)])
    drawn = fitted(rows, "l" + "r" * len(short), width, range(len(short), 1, -1))
    return tuple(crop(row, width, glyphs.ellipsis) for row in drawn)


def labelled(label: str, text: str, width: int, room: int = LABEL) -> list[Line]:
    """A sentence with its label in `room` cells, on as many rows as it needs."""
    parts = wrapped(text, max(20, width - room - 1)) or [""]
    first = line((f"{label:<{room}}", "label"), " ", parts[0])
    return [first, *(line(" " * (room + 1), part) for part in parts[1:])]
