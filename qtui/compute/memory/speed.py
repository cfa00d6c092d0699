"""Time per token, and per token of a prompt: fixed cost + bytes / bandwidth + unpacking.

Bytes over bandwidth alone is not the law. A step also starts kernels for every layer, reaches only a share of the
published bandwidth, and unpacks what it reads: that costs as much as reading some more bits of every weight, by class
of format and of device. The costs in `COSTS` were fitted to published measurements by `tests/training/fit_speed.py`,
which prints the residuals; the measurements with their sources are in `qtui/models/published/speed.json`.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from qtui.compute.memory.architecture import Architecture
from qtui.compute.memory.fit import Budget, Need, Offload
from qtui.compute.memory.weights import StoredTensors

# From the slowest to the fastest end of a range, as shares of the modelled speed: the ends differ less than twofold.
SPREAD = (0.715, 1.415)
PROMPT_SPREAD = (0.71, 1.41)
MEASURED_SHARE = 1.1  # a sweep of this machine's memory, unlike a data sheet's peak, has its losses in it already

_CLASSES = {
    **dict.fromkeys(("q8_0", "q8_k"), "8 bits"),
    **dict.fromkeys(("q4_0", "q4_1", "iq4_nl", "mxfp4", "nvfp4", "nf4"), "4-bit blocks"),
    **dict.fromkeys(("q5_0", "q5_1"), "5-bit blocks"),
    **dict.fromkeys(("q5_k", "q6_k"), "Q5_K, Q6_K"),
    **{name.lower(): name for name in ("Q2_K", "Q3_K", "Q4_K", "IQ4_XS")},
    **dict.fromkeys(("iq3_xxs", "iq3_s"), "IQ3"),
    **dict.fromkeys(("iq2_xxs", "iq2_xs", "iq2_s"), "IQ2"),
    **dict.fromkeys(("iq1_s", "iq1_m"), "IQ1"),
}


def format_class(kind: str) -> str:
    """The class of formats, alike in what unpacking costs, that the format `kind` belongs to; "plain" needs none."""
    name = kind.partition(":")[0].lower()
    if name in _CLASSES:
        return _CLASSES[name]
    if name.startswith(("float8", "int8", "fp8", "mxfp8")):
        return "8 bits"
    if name.startswith(("int6", "int5", "mxfp6")):
        return "5-bit blocks"
    return "4-bit blocks" if name.startswith(("int", "uint", "float4", "mx", "nv", "tq")) else "plain"


class DeviceCosts(NamedTuple):
    """What a class of devices needs for a token.

    `layer` is the fixed cost of a layer in seconds, `share` that of the published bandwidth which reading reaches,
    and `unpacking`, by class of format, how many more bits of each weight could be read in the time of unpacking it.
    `measured` names what it was fitted to; empty where no measurement was found and a neighbour's costs are taken.
    """

    what: str
    layer: float
    share: float
    unpacking: Mapping[str, float]
    measured: str


# Unpacking on the machine of llama.cpp's own table of 23 formats, which does not name it: taken for cards wherever
# their own measurements don't decide.
_CARD = {
    "4-bit blocks": 0.3,
    "5-bit blocks": 1.0,
    "Q4_K": 0.8,
    "Q5_K, Q6_K": 0.6,
    "IQ4_XS": 0.8,
    "Q3_K": 2.3,
    "Q2_K": 1.6,
    "IQ3": 2.5,
    "IQ2": 2.9,
    "IQ1": 3.7,
}
_APPLE = {"5-bit blocks": 1.8, "8 bits": 1.2, "Q2_K": 2.5, "Q3_K": 3.3, "Q5_K, Q6_K": 2.0}
# On PCs only K-quants are measured: there they cost about a fifth of what they do on an Apple CPU. So do the others.
_PC = {"Q2_K": 1.5, "Q3_K": 0.8, "Q4_K": 0.4, "Q5_K, Q6_K": 0.4, "IQ4_XS": 0.7, "IQ3": 4.0, "IQ2": 2.8, "IQ1": 2.8}
_APPLE_CPU = {
    "8 bits": 0.8,
    "4-bit blocks": 0.3,
    "5-bit blocks": 5.1,
    "Q4_K": 2.4,
    "Q5_K, Q6_K": 4.9,
    "IQ4_XS": 3.4,
    "Q3_K": 8.4,
    "Q2_K": 6.7,
    "IQ3": 21.6,
    "IQ2": 14.0,
    "IQ1": 14.0,
}
_XIONGJIE = "XiongjieDai's table (llama.cpp, May 2024)"

COSTS: Mapping[str, DeviceCosts] = {
    "nvidia": DeviceCosts("NVIDIA card", 57e-6, 0.85, _CARD, f"RTX 3090 and 4090 in {_XIONGJIE}"),
    "nvidia-hbm": DeviceCosts("NVIDIA card with HBM", 92e-6, 0.556, _CARD, f"A100 and H100 in {_XIONGJIE}"),
    "nvidia-old": DeviceCosts(
        "NVIDIA card without tensor cores",
        62e-6,
        0.745,
        {**_CARD, "Q2_K": 9.4, "Q3_K": 9.4},
        "a Tesla P40 (llama.cpp pull request 4766)",
    ),
    "nvidia-2023": DeviceCosts(
        "NVIDIA card, kernels of June 2023",
        45e-6,
        0.404,
        {**_CARD, "Q2_K": 1.6, "Q3_K": 2.5, "Q4_K": 0.3},
        "an RTX 4080 (llama.cpp pull request 1684)",
    ),
    "amd": DeviceCosts(
        "AMD or Intel card", 57e-6, 0.85, _CARD, f"NVIDIA cards in {_XIONGJIE}; five speeds of AMD cards agree"
    ),
    "apple-gpu": DeviceCosts(
        "Apple GPU", 153e-6, 0.829, {**_CARD, **_APPLE}, "M1 Max, M3 Max and M2 Ultra (four sources, 2023 to 2026)"
    ),
    "apple-mlx": DeviceCosts(
        "Apple GPU with MLX", 43e-6, 1.0, {"4-bit blocks": 1.1}, "an M4 Max (secondary source, one model)"
    ),
    "apple-cpu": DeviceCosts(
        "Apple CPU", 64e-6, 0.315, _APPLE_CPU, "an M2 Max's CPU (ik_llama.cpp discussion 164, December 2024)"
    ),
    "apple-cpu-2023": DeviceCosts(
        "Apple CPU, kernels of June 2023",
        63e-6,
        0.304,
        {**_APPLE_CPU, "Q2_K": 2.2, "Q3_K": 5.0, "Q4_K": 1.1, "Q5_K, Q6_K": 2.4},
        "an M2 Max's CPU (llama.cpp pull request 1684)",
    ),
    "cpu": DeviceCosts("CPU of a PC", 61e-6, 0.756, _PC, "a Ryzen 7950X (llama.cpp pull request 1684, June 2023)"),
}


class TokenRead(NamedTuple):
    """Bytes of weights that one token reads, of which `experts` belong to chosen experts.

    `counts` are the weights read of each class of format.
    """

    weights: int
    experts: int
    counts: Mapping[str, int] = {}


def active_bytes(arch: Architecture, stored: Sequence[StoredTensors]) -> TokenRead:
    """What one token reads: chosen experts, and the embedding only where it is also the head."""
    mixture = next((f for f in arch.ffns if f.experts), None)
    top, experts = (mixture.experts_per_token, mixture.experts) if mixture is not None else (1, 1)
    total = chosen = 0
    counts: dict[str, int] = {}
    for item in stored:
        part = item.tensor.part
        if part in ("vision", "mtp") or (part == "embedding" and not arch.tie_word_embeddings):
            continue
        size, count = item.bytes, item.size
        if part == "experts":
            layers = len(item.layers)
            size = item.bytes // layers * min(top, experts) // experts * layers
            count = count * min(top, experts) // experts
            chosen += size
        else:
            total += size
        kind = format_class(item.kind)
        counts[kind] = counts.get(kind, 0) + count
    return TokenRead(total + chosen, chosen, counts)


def fixed_layers(arch: Architecture) -> int:
    """Layers as their fixed cost counts: a recurrent one, of more and smaller steps, for two."""
    return sum(m.layers * (1 if m.ATTENDS else 2) for m in arch.mixers)


def reading_times(read: TokenRead, costs: DeviceCosts, rate: float, part: float = 1.0) -> tuple[float, float]:
    """Seconds that a device takes to read, and to unpack, `part` of a token's weights at `rate` bytes per second."""
    unpacking = sum(costs.unpacking.get(kind, 0.0) * count / 8 for kind, count in read.counts.items())
    return part * read.weights / rate, part * unpacking / rate


class Speed(NamedTuple):
    """Tokens per second of one sequence while the context is empty, from `low` to `high`, with their terms.

    `full` are the same with the context full; `fixed`, `reading` and `unpacking` seconds of the modelled token;
    `bandwidth` is bytes per second. `basis` says what the model was fitted to, `formula` has its numbers put in.
    """

    low: float
    high: float
    full: tuple[float, float]
    weights_read: int
    cache_read: int
    bandwidth: int
    fixed: float
    reading: float
    unpacking: float
    basis: str
    formula: str


class DevicePart(NamedTuple):
    """One memory with the share of a token's weights, the layers and the share of the cache that it holds."""

    kind: str
    bandwidth: int
    share: float
    layers: float
    cache: float = 1.0


def parts(
    read: TokenRead,
    need: Need,
    offloaded: Offload | None,
    budget: Budget,
    layers: int,
    given: tuple[float, float] | None = None,
) -> tuple[DevicePart, ...]:
    """Where one token's weights come from; nothing where it doesn't run or a bandwidth isn't known.

    `given` are the share of them and the layers that the person keeps in RAM.
    """
    if not budget.gpu:
        known = need.fits(budget) and budget.ram_bandwidth
        return (DevicePart(budget.ram_kind, budget.ram_bandwidth or 0, 1.0, layers),) if known else ()
    if given is not None:
        known = need.fits(budget) and budget.gpu_bandwidth and budget.ram_bandwidth
        return _two(budget, *given, layers) if known else ()
    if need.fits(budget):
        return (DevicePart(budget.gpu_kind, budget.gpu_bandwidth, 1.0, layers),) if budget.gpu_bandwidth else ()
    if not (offloaded and offloaded.fits and budget.gpu_bandwidth and budget.ram_bandwidth):
        return ()
    if offloaded.experts_in_ram is not None:
        outside = offloaded.experts_in_ram / max(1, offloaded.expert_layers)
        return _two(budget, read.experts * outside / max(1, read.weights), layers * outside, layers)
    share = (offloaded.of - offloaded.layers) / max(1, offloaded.of)
    return _two(budget, share, layers * share, layers, share)


def _two(budget: Budget, share: float, moved: float, layers: int, cache: float = 0.0) -> tuple[DevicePart, ...]:
    """A card, and the RAM with `share` of the weights of `moved` layers and with that share `cache` of the cache."""
    return (
        DevicePart(budget.gpu_kind, budget.gpu_bandwidth or 0, 1 - share, layers - moved / 2, 1 - cache),
        DevicePart(budget.ram_kind, budget.ram_bandwidth or 0, share, moved, cache),
    )


class TokenTime(NamedTuple):
    """Seconds of one token: fixed, reading weights, unpacking them, and with a full context reading the `cache`."""

    places: tuple[DevicePart, ...]
    fixed: float
    reading: float
    unpacking: float
    cache: float

    @property
    def seconds(self) -> float:
        """With an empty context."""
        return self.fixed + self.reading + self.unpacking


def token_time(
    read: TokenRead,
    cache: int,
    need: Need,
    offloaded: Offload | None,
    budget: Budget,
    layers: int = 0,
    given: tuple[float, float] | None = None,
) -> TokenTime | None:
    """How long one token of one sequence takes, None where the bandwidth isn't known or it doesn't run.

    Where the model is split, each part is read at its own memory's speed, one after the other.
    """
    places = parts(read, need, offloaded, budget, layers, given)
    if not places or read.weights <= 0:
        return None
    fixed = plain = unpacked = cached = 0.0
    for place in places:
        costs = costs_of(place.kind)
        rate = costs.share * place.bandwidth * (MEASURED_SHARE if budget.measured and not budget.gpu else 1)
        seconds_read, seconds_unpacked = reading_times(read, costs, rate, place.share)
        fixed += costs.layer * place.layers
        plain += seconds_read
        unpacked += seconds_unpacked
        cached += place.cache * cache / rate
    return TokenTime(places, fixed, plain, unpacked, cached)


def speed(read: TokenRead, cache: int, time: TokenTime) -> Speed:
    """Tokens per second of one sequence, for `time` with its `cache` bytes read where the context is full."""
    places = [place for place in time.places if place.share or len(time.places) == 1]
    bandwidth = round(1 / sum(place.share / place.bandwidth for place in time.places))
    rates = (f"{100 * costs_of(place.kind).share:.0f} % of {place.bandwidth / 1e9:,.4g} GB/s" for place in places)
    formula = (
        f"{_ms(time.fixed)} fixed + {_ms(time.reading)} for {read.weights / 1e9:.3g} GB at {' and '.join(rates)}"
    )
    low, high = SPREAD
    full = time.seconds + time.cache
    return Speed(
        low=low / time.seconds,
        high=high / time.seconds,
        full=(low / full, high / full),
        weights_read=read.weights,
        cache_read=cache,
        bandwidth=bandwidth,
        fixed=time.fixed,
        reading=time.reading,
        unpacking=time.unpacking,
        basis="; ".join(dict.fromkeys(f"modelled from {costs_of(place.kind).measured}" for place in places)),
        formula=formula + (f" + {_ms(time.unpacking)} to unpack" if time.unpacking else ""),
    )


def costs_of(kind: str) -> DeviceCosts:
    """The costs of a class of devices; an unknown one is taken for a CPU."""
    return COSTS.get(kind, COSTS["cpu"])


def _ms(seconds: float) -> str:
    value = seconds * 1000
    return f"{value:.2g} ms" if value < 10 else f"{value:,.0f} ms"
