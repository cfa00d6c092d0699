"""What each card, and the RAM, holds: layers dealt out as llama.cpp does with --split-mode layer."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from qtui.compute.memory.architecture import Architecture
from qtui.compute.memory.fit import Budget, Offload, layer_caches
from qtui.compute.memory.serving import Serving
from qtui.compute.memory.tensors import WeightTensor
from qtui.compute.memory.weights import StoredTensors

Places = Callable[[int | None, WeightTensor], bool]  # whether a layer's tensor stays in RAM


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


class CardSplit(NamedTuple):
    """How cards share a model.

    `mode` is "layer", "row" (matrices by rows, the cache on the first card), "tensor" (both divided) or "none" (the
    first card has all). `shares` are those of the cards, empty where their memory decides; `beside` are bytes loaded
    beside the text model, on the first card. A part of a divided cache is on `copies` cards.
    """

    mode: str = "layer"
    shares: tuple[float, ...] = ()
    beside: int = 0
    copies: int = 1


BY_LAYER = CardSplit()


def deal(
    arch: Architecture,
    stored: Sequence[StoredTensors],
    serving: Serving,
    compute: int,
    budget: Budget,
    cards: Sequence[tuple[str, int]],
    offloaded: Offload | None,
    split: CardSplit = BY_LAYER,
    in_ram: Places | None = None,
) -> tuple[DeviceShare, ...]:
    """The share of each of `cards` (name, bytes for a model) and of the RAM.

    `offloaded` is None where everything is on the cards. Contiguous layers go to the cards in proportion to their
    memory or to the shares of `split`, the output head counting as one more; every device has a compute buffer of its
    own. `in_ram` says what a person keeps in RAM.
    """
    count = arch.num_layers
    moved = offloaded.experts_in_ram if offloaded is not None and offloaded.experts_in_ram is not None else 0
    on_cards = count if offloaded is None or moved else offloaded.layers
    first = count - on_cards  # of the layers on cards
    caches = layer_caches(arch, serving)
    weights, outside, ram = _placed(arch, stored, moved, in_ram)
    sizes = [round(share * 1e6) for share in split.shares] or [size for _, size in cards]
    if split.mode in ("row", "tensor") and len(cards) > 1:
        copies = split.copies if split.mode == "tensor" else 0
        by_card = _divided(weights[first:], caches[first:], outside, sizes, copies)
    else:
        by_card = _dealt(weights[first:], caches[first:], outside, len(cards), sizes)
    by_card[0][1] += split.beside
    shares = [
        DeviceShare(name, layers, size, cache, compute if size or cache else 0, room)
        for (name, room), (layers, size, cache) in zip(cards, by_card, strict=True)
    ]
    buffer = compute if first or moved or in_ram else 0
    return (*shares, DeviceShare("RAM", first, ram + sum(weights[:first]), sum(caches[:first]), buffer, budget.ram))


def _placed(
    arch: Architecture, stored: Sequence[StoredTensors], moved: int, in_ram: Places | None
) -> tuple[list[int], int, int]:
    """Bytes of weights: of each layer, of what goes with the output head, and of what stays in RAM.

    Beside the embedding that is `moved` layers' experts, and what `in_ram` says.
    """
    layers, outside, ram = [0] * arch.num_layers, 0, 0
    sparse = sorted({i for item in stored if item.tensor.part == "experts" for i in item.layers if i is not None})
    without_experts = set(sparse[:moved])
    for item in stored:
        size = item.bytes // len(item.layers)
        if item.tensor.part == "embedding":
            ram += item.bytes
            outside += item.bytes if arch.tie_word_embeddings else 0
            continue
        for layer in item.layers:
            if layer is None or layer >= arch.num_layers:
                outside += size
            elif item.tensor.part == "experts" and layer in without_experts or in_ram and in_ram(layer, item.tensor):
                ram += size
            else:
                layers[layer] += size
    return layers, outside, ram


def _dealt(
    weights: Sequence[int], caches: Sequence[int], outside: int, cards: int, sizes: Sequence[int]
) -> list[list[int]]:
    """[layers, weights, cache] of each card where every layer is on one, the output head counting as one more."""
    by_card = [[0, 0, 0] for _ in range(cards)]
    places = len(weights) + 1
    for i, (size, cache) in enumerate(zip(weights, caches, strict=True)):
        card = by_card[card_of(i, places, sizes)]
        card[0] += 1
        card[1] += size
        card[2] += cache
    by_card[card_of(places - 1, places, sizes)][1] += outside
    return by_card


def _divided(
    weights: Sequence[int], caches: Sequence[int], outside: int, sizes: Sequence[int], copies: int
) -> list[list[int]]:
    """[layers, weights, cache] of each card where every layer is divided among all of them.

    Each part of the cache is on `copies` cards; 0 where the first card has all of it.
    """
    total = max(1, sum(sizes))
    size, cache = sum(weights) + outside, sum(caches)
    held = []
    for i, share in enumerate(sizes):
        own = min(cache, copies * cache * share // total) if copies else cache if i == 0 else 0
        held.append([len(weights) if share else 0, size * share // total, own])
    return held


def card_of(layer: int, count: int, sizes: Sequence[int]) -> int:
    """The card that layer number `layer` of `count` goes to: the first whose memory, with those before, passes it."""
    total, passed = sum(sizes), 0
    for i, size in enumerate(sizes):
        passed += size
        if layer * total < passed * count:
            return i
    return len(sizes) - 1
