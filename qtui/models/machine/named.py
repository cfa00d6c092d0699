"""A machine as people call it: "M1 Max 32GB", "2x RTX 3090", "RTX 4090 + RTX 3060", "64 GB laptop", "Ryzen 7950X"."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import combinations

from qtui.error import QtuiError
from qtui.models.machine.list import CARDS, GIB, MACHINES, Card, same_chip, simulated
from qtui.models.machine.machine import Machine, gpu_share, parse_size

# Memory of a host whose own isn't named: dual-channel DDR5, twice as much for several cards.
HOST_GIB, HOST_BANDWIDTH = 64, 89_600_000_000
_COUNT = r"(\d{1,2})\s*[x×]\s*"
_LARGEST = {"m1": 16 * GIB, "m2": 24 * GIB, "m3": 24 * GIB, "m4": 32 * GIB, "m5": 32 * GIB}  # Apple's specifications
_MAKERS = frozenset(("nvidia", "geforce", "amd", "radeon", "intel", "sxm", "sxm4", "sxm5"))
_SIZE = r"\b(\d+(?:\.\d+)?)\s*([gt])(?:i?b)?\b"  # the "4060 Ti" of a card is no size

# Between letters and digits that were written together: laptop|64, RTX|4090|Ti, M1|Max; not in 64GB, A100, 7950X.
_TOGETHER = r"(?i)(?<=[a-z]{3})(?=\d)|(?<=\brx)(?=\d)|(?<=\d)(?![gt]i?b|x[^t])(?=[a-z]{2})"
_BARE_SIZE = r"(?<=[ -])(?<!tx )(?:8|12|16|18|24|32|36|48|64|96|128|192|256|512)$"


def named(text: str) -> Machine:
    """The machine that `text` means: one of the list, one of it with other memory, or cards in a PC.

    Memory sizes are those that modules and cards are sold in: GiB, also where they are written GB. "laptop64" is
    understood as "laptop 64GB", "strixhalo" as "strix halo". Raises QtuiError with the candidates where nothing fits.
    """
    try:
        return _named(text)
    except QtuiError as error:
        apart = re.sub(_TOGETHER, " ", text)
        for spelling in (apart, re.sub(_BARE_SIZE, r"\g<0>GB", apart)):
            with suppress(QtuiError):
                return _named(spelling)
        spelling = _spaced(text)
        if not spelling:
            raise error
    return _named(spelling)


def _spaced(text: str) -> str:
    """`text` in the words of the list that it has without blanks: "2x 4070 ti super" of "2x4070tisuper"; else ""."""
    counted = re.match(_COUNT, text, re.IGNORECASE)
    count = counted[0].strip() if counted else ""
    together = re.sub(r"[^a-z0-9]", "", text[counted.end() if counted else 0 :].lower())
    name, size = re.findall(r"^(.*?)((?<=[a-z])\d+[gt]i?b)?$", together)[0]
    for machine in MACHINES:
        words = re.findall(r"[a-z0-9]+", machine.name.lower())
        for first, last in combinations(range(len(words) + 1), 2):
            if "".join(words[first:last]) == name:
                return " ".join(filter(None, (count, *words[first:last], size)))
    return ""


def _named(text: str) -> Machine:
    """The machine that `text` means as it is spelled. Raises QtuiError."""
    try:
        return simulated(text)
    except QtuiError as error:
        machine = _chip(text) or _cards(text) or _resized(text)
        if machine is None:
            raise error
        return machine


def _chip(text: str) -> Machine | None:
    """The machine with least memory of those with exactly the chip `text`: an M4 is no M4 Pro."""
    chip = re.escape(" ".join(_words(text)))
    whole = re.compile(rf"\b{chip}\b(?! (?:pro|max|ultra|cpu)\b)")
    listed = [machine for machine in MACHINES if chip and whole.search(" ".join(_words(machine.name)))]
    chips = {(machine.bandwidth, machine.kind) for machine in listed}
    return min(listed, key=lambda machine: machine.ram_total) if len(chips) == 1 and not listed[0].gpus else None


def _cards(text: str) -> Machine | None:
    """Cards in a PC: "3x RTX 5080", "RTX 4090 + RTX 3060, 128GB RAM"; None where a part is no card."""
    gpus, ram = [], 0
    for part in filter(None, (part.strip() for part in re.split(r"\s*(?:\+|,|\band\b|\bwith\b)\s*", text))):
        counted = re.match(_COUNT, part, re.IGNORECASE)
        card = _card(part[counted.end() :] if counted else part)
        if card is not None:
            if _bytes(part) > card.gib * GIB:  # "RTX 4090 64GB": the RAM beside it
                ram = ram or _bytes(part)
            count = int(counted[1]) if counted else 1
            if not 1 <= count <= 16:
                return None
            gpus += [card.gpu] * count
        elif re.fullmatch(rf"(?:{_SIZE}\s*(?:ram|memory)?|ram\s*{_SIZE})", part, re.IGNORECASE) and not ram:
            ram = _bytes(part)
        else:
            return None
    if not gpus:
        return None
    ram = ram or HOST_GIB * (1 if len(gpus) == 1 else 2) * GIB
    note = f"the host is taken to be a PC with {ram / GIB:.0f} GiB of dual-channel DDR5-5600"
    return Machine(text, ram, ram, gpus=tuple(gpus), bandwidth=HOST_BANDWIDTH, source="as named", notes=(note,))


def _card(text: str) -> Card | None:
    """The card whose words `text` has: all of its number and variant, with or without RTX, Tesla and its memory.

    With another memory it has that, up to the double, which is what workshops solder on; more is none of a card.
    """
    words = _words(text)
    size = re.search(_SIZE, text.lower())
    bare = set(_words(re.sub(_SIZE, " ", text.lower()))) - _MAKERS
    fitting = []
    for card in CARDS:
        own = set(_words(re.sub(_SIZE, " ", card.name.lower())))
        optional = {"rtx", "gtx", "rx", "tesla", "arc"}
        if bare and (bare == own or bare == own - optional or set(words) == set(_words(card.name))):
            fitting.append(card)
    if size:
        right = [card for card in fitting if f"{card.gib}" == size[1]]
        if not right and fitting:
            only, gib = fitting[0], round(float(size[1]))
            return only._replace(gib=gib) if size[2].startswith("g") and gib <= 2 * only.gib else only
        fitting = right
    return fitting[-1] if fitting else None


def _resized(text: str) -> Machine | None:
    """A machine of the list with the memory that `text` names: "64 GB laptop", "M1 Max 32GB"; None without one."""
    size = re.search(_SIZE, text.lower())
    if size is None:
        return None
    total = _bytes(text)
    words = _words(re.sub(_SIZE, " ", text.lower()))
    chip = " ".join(words[-1:])
    if total > _LARGEST.get(chip, total):
        largest = _LARGEST[chip] // GIB
        raise QtuiError(f"an {chip.upper()} has at most {largest} GB; is it an {chip.upper()} Pro, Max or Ultra?")
    listed = [
        machine
        for machine in MACHINES
        if words and set(words) <= set(_words(machine.name)) and same_chip(words, _words(machine.name))
    ]
    if not listed:
        return None
    near = min(listed, key=lambda machine: (bool(machine.gpus), abs(machine.ram_total - total), len(machine.name)))
    share = gpu_share(total) if near.kind == "apple-gpu" else near.gpu_share
    return near._replace(name=text.strip(), ram_total=total, ram_available=total, gpu_share=share)


def _bytes(text: str) -> int:
    size = re.search(_SIZE, text.lower())
    return parse_size(f"{size[1]}{size[2]}ib") if size else 0


def _words(text: str) -> list[str]:
    return text.lower().replace("-", " ").replace(",", " ").split()
