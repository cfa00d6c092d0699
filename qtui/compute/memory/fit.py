"""Answers from a sum: does it fit, what would, how much of it on the GPU."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

from qtui.compute.memory.architecture import Architecture, spread
from qtui.compute.memory.estimate import group_kv
from qtui.compute.memory.serving import Serving, Term
from qtui.compute.memory.weights import StoredTensors

Grouped = tuple[tuple[str, Term], ...]


class Budget(NamedTuple):
    """Memory to fit into, bytes. `gpu` is 0 without a card of its own; bandwidths are bytes per second or None.

    The kinds are classes of devices in `speed.COSTS`. `measured`: the RAM's bandwidth is that of a sweep.
    """

    gpu: int
    ram: int
    gpu_bandwidth: int | None = None
    ram_bandwidth: int | None = None
    measured: bool = False
    gpu_kind: str = "nvidia"
    ram_kind: str = "cpu"

    @property
    def limit(self) -> int:
        """What the answer "fits" is measured against: the card's memory where there is one, else the RAM."""
        return self.gpu or self.ram


class Need(NamedTuple):
    """What has to be where when everything that can be is on the GPU: bytes."""

    total: int
    gpu: int
    host: int

    def room(self, budget: Budget) -> int:
        """Bytes left over where there are fewest, negative where it does not fit."""
        if not budget.gpu:
            return budget.ram - self.total
        return min(budget.gpu - self.gpu, budget.ram - self.host)

    def fits(self, budget: Budget) -> bool:
        """Whether there is room."""
        return self.room(budget) >= 0

    def spare(self, budget: Budget) -> int:
        """Bytes left over where it counts, negative where it does not fit."""
        return budget.limit - (self.gpu if budget.gpu else self.total)


def needed(total: int, table: int, tied: bool) -> Need:
    """How `total` bytes divide: llama.cpp keeps the embedding `table` in RAM, also where the GPU has a tied copy."""
    return Need(total, total if tied else total - table, table)


def largest(room: Callable[[int], int], most: int) -> int:
    """The largest whole number from 0 to `most` for which `room` is not negative, which it stays once it is.

    It falls evenly for the most part: a line between two points leads near, and halving bounds the steps.
    """
    if (missing := room(most)) >= 0:
        return most
    if (left := room(0)) < 0:
        return 0
    low, high, halving = 0, most, False
    while high - low > 1:
        share = 0.5 if halving else left / (left - missing)
        middle = min(max(low + int(share * (high - low)), low + 1), high - 1)
        value = room(middle)
        low, left, high, missing = (middle, value, high, missing) if value >= 0 else (low, left, middle, value)
        halving = not halving
    return low


class Offload(NamedTuple):
    """What the GPU holds where it can't hold everything: whole layers, or all but some layers' experts."""

    layers: int
    of: int
    gpu: int
    ram: int
    fits: bool
    experts_in_ram: int | None = None
    expert_layers: int = 0
    experts_gpu: int = 0
    experts_ram: int = 0


def layer_caches(arch: Architecture, serving: Serving) -> list[int]:
    """Bytes of cache and state of each layer, in order."""
    costs = []
    for m in arch.mixers:
        terms = group_kv(arch, m, serving) + m.states(arch.hidden_size, serving)
        costs.append(sum(term.bytes for term in terms) // m.layers)
    sizes = [costs[number] for number in spread(arch.mixers)][: arch.num_layers]
    return sizes + [0] * (arch.num_layers - len(sizes))


class LayerBytes(NamedTuple):
    """Bytes of weights in each layer, and those of its experts; outside the layers, and of the embedding table."""

    whole: tuple[int, ...]
    experts: tuple[int, ...]
    outside: int
    table: int


def layer_bytes(arch: Architecture, stored: Sequence[StoredTensors]) -> LayerBytes:
    """Where the weights of `arch` lie; a table that is also the head counts as outside."""
    count = arch.num_layers
    # Most tensors are in the same layers as others: their bytes are summed first.
    alike: dict[tuple[tuple[int | None, ...], str], int] = {}
    for item in stored:
        part = item.tensor.part if item.tensor.part in ("embedding", "experts") else ""
        key = item.layers, part
        alike[key] = alike.get(key, 0) + item.bytes // len(item.layers)
    whole, experts = [0] * count, [0] * count
    outside = 0
    for (layers, part), size in alike.items():
        for layer in layers:
            if layer is not None and layer < count:
                whole[layer] += size
                experts[layer] += size if part == "experts" else 0
            elif part != "embedding" or arch.tie_word_embeddings:
                outside += size
    table = sum(item.bytes for item in stored if item.tensor.part == "embedding")
    return LayerBytes(tuple(whole), tuple(experts), outside, table)


def offload(weights: LayerBytes, caches: Sequence[int], terms: Grouped, budget: Budget) -> Offload:
    """How many of the last layers, or how many layers' experts, the card holds. `caches` are those of the layers."""
    whole, experts, outside, table = weights
    count = len(whole)
    buffers = [term.bytes for group, term in terms if group == "compute"]
    buffer, host_buffer = sum(buffers), buffers[0] if buffers else 0  # of all cards, and of one device
    both = [w + c for w, c in zip(whole, caches, strict=True)]
    base = buffer + outside

    on_gpu = list(accumulate(reversed(both), initial=base))  # bytes on the card with so many layers
    n = max(0, bisect_right(on_gpu, budget.gpu) - 1)
    first = base <= budget.gpu
    gpu = on_gpu[n] if first else 0
    ram = on_gpu[-1] - on_gpu[n] + table + host_buffer
    result = Offload(n if first else 0, count, gpu, ram, ram <= budget.ram)
    rest = on_gpu[-1] - sum(experts)
    if not any(experts) or rest > budget.gpu:
        return result
    sizes = [size for size in experts if size]
    with_experts = len(sizes)
    kept = bisect_right(list(accumulate(reversed(sizes), initial=rest)), budget.gpu) - 1
    out = sum(sizes[: with_experts - kept])
    return result._replace(
        experts_in_ram=with_experts - kept,
        expert_layers=with_experts,
        experts_gpu=rest + sum(sizes) - out,
        experts_ram=out + table,
        fits=result.fits or out + table <= budget.ram,
    )
