"""What each card, and the RAM, holds: layers dealt out as llama.cpp does with --split-mode layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from qtui.compute.memory.answers import Budget, Offload, layer_caches
from qtui.compute.memory.architecture import Architecture
from qtui.compute.memory.use import Use
from qtui.compute.memory.weights import StoredTensors


class DeviceShare(NamedTuple):
    """Bytes on one device. `available` is what a model can get of it; `layers` how many layers it computes."""

    name: str
    layers: int
    weights: int
    kv_cache: int
    compute: int
    available: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.kv_cache + self.compute


def deal(
    arch: Architecture,
    stored: Sequence[StoredTensors],
    use: Use,
    compute: int,
    budget: Budget,
    cards: Sequence[tuple[str, int]],
    offloaded: Offload | None,
) -> tuple[DeviceShare, ...]:
    """The share of each of `cards` (name, bytes for a model) and of the RAM.

    `offloaded` is None where everything is on the cards. Contiguous layers go to the cards in proportion to their
    memory, the output head counting as one more; every device has a compute buffer of its own.
    """
    count = arch.num_layers
    caches = layer_caches(arch, use)
    weights, outside, table = [0] * count, 0, 0
    moved = offloaded.experts_in_ram if offloaded is not None and offloaded.experts_in_ram is not None else 0
    on_cards = count if offloaded is None or moved else offloaded.layers
    ram_weights = 0
    passed: set[int] = set()
    sparse = sorted({i for item in stored if item.tensor.part == "experts" for i in item.layers if i is not None})
    passed.update(sparse[:moved])
    for item in stored:
        size = item.bytes // len(item.layers)
        if item.tensor.part == "embedding":
            table += item.bytes
            outside += item.bytes if arch.tie_word_embeddings else 0
            continue
        for layer in item.layers:
            if layer is None or layer >= count:
                outside += size
            elif item.tensor.part == "experts" and layer in passed:
                ram_weights += size
            else:
                weights[layer] += size
    first = count - on_cards
    held = [[0, 0, 0] for _ in cards]
    for i in range(on_cards):
        card = held[card_of(i, on_cards + 1, [size for _, size in cards])]
        card[0] += 1
        card[1] += weights[first + i]
        card[2] += caches[first + i]
    held[card_of(on_cards, on_cards + 1, [size for _, size in cards])][1] += outside
    shares = [
        DeviceShare(name, layers, size, cache, compute, room)
        for (name, room), (layers, size, cache) in zip(cards, held, strict=True)
    ]
    ram_weights += sum(weights[:first]) + table
    buffer = compute if first or moved else 0
    return (*shares, DeviceShare("RAM", first, ram_weights, sum(caches[:first]), buffer, budget.ram))


def card_of(layer: int, count: int, sizes: Sequence[int]) -> int:
    """The card that layer number `layer` of `count` goes to: the first whose memory, with those before, passes it."""
    total, passed = sum(sizes), 0
    for i, size in enumerate(sizes):
        passed += size
        if layer * total < passed * count:
            return i
    return len(sizes) - 1
