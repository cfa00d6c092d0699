"""The plans for a model on a machine: formats by caches by placements, ranked, with sizes, speeds and commands."""

from __future__ import annotations

from dataclasses import replace

from qtui.compute.memory.fit import Budget, Offload
from qtui.compute.memory.mixes import least_bytes
from qtui.compute.memory.ranking import PATIENCE, TOLERABLE, USABLE, Candidate, NamedPlan, rank
from qtui.compute.memory.speed import SPREAD
from qtui.error import QtuiError
from qtui.models.published.quality import CacheQuality, Quality, cache_quality
from qtui.scenario.memory.case import MemoryCase, prompt_of, speed_of, time_of
from qtui.scenario.memory.commands import commands
from qtui.scenario.memory.result import Plan

FORMATS = {
    "llama.cpp": (
        "native", "Q8_0", "Q6_K", "Q5_K_M", "Q5_K_S", "Q4_K_M", "Q4_K_S", "IQ4_XS", "Q3_K_L", "Q3_K_M", "IQ3_M",
        "IQ3_XXS", "Q3_K_S", "IQ2_M", "Q2_K", "IQ2_XS", "IQ2_XXS", "IQ1_M",
    ),
    "vllm": ("native", "float8_e4m3fn", "nvfp4", "int4:block=128,scale=fp16"),
    "mlx": ("native", *(f"int{bits}:asym,block=64,scale=fp16" for bits in (8, 6, 5, 4, 3))),
}  # fmt: skip
CACHES = {"llama.cpp": ("f16", "q8_0", "q4_0"), "vllm": ("f16",), "mlx": ("f16",)}
# Where a bandwidth is not known, plans are compared as with 600 GB/s on the card and 60 GB/s in RAM.
USUAL_CARD, USUAL_RAM = 600 * 10**9, 60 * 10**9
UNKNOWN = 1 << 17  # tokens of the longest context where that of the training is not known
# The assumed loss of formats that nobody measured, to rank them among the others: never shown.
_UNMEASURED = {
    "float8_e4m3fn": 0.005,
    "nvfp4": 0.05,
    "int4:block=128,scale=fp16": 0.05,
    "int8:asym,block=64,scale=fp16": 0.002,
}


def solve_plans(case: MemoryCase) -> tuple[Plan, ...]:
    """The named plans for the model of `case` at its context and number of sequences; nothing where nothing runs."""
    if case.model.arch is None or not (case.budget.gpu or case.budget.ram):
        return ()
    # A plan says itself what format and cache are and what stays in RAM; nor do a view and a list matter to it.
    scenario = replace(
        case.scenario, format="native", kv_type="f16", n_cpu_moe=0, override_tensor=(), view="", find=""
    )
    serving = case.serving._replace(k_type="f16", v_type="f16")
    case = case._replace(scenario=scenario, spec="native", serving=serving)
    key = scenario, serving, case.machine, case.budget
    return case.cached.plans.get(key, lambda: _ranked(case))


def _ranked(case: MemoryCase) -> tuple[Plan, ...]:
    usual = case._replace(budget=_usual(case.budget))
    ways: dict[tuple[str, str], tuple[MemoryCase, Candidate, Candidate]] = {}
    placed = [(way, loss) for way in _ways(usual) if (loss := _loss(way)) is not None]
    # Formats that lose much count only where nothing better runs.
    for tolerable in (True, False):
        for way, loss in placed:
            if (loss <= TOLERABLE) == tolerable and (candidate := _candidate(way, loss)):
                ways[way.spec, way.serving.k_type] = way, candidate, _stretched(way, candidate)
        if ways:
            break
    pace = case.scenario.min_speed / SPREAD[0] or USABLE
    patience = 1.0 if case.scenario.min_speed else PATIENCE
    _, here, longest = zip(*ways.values(), strict=True) if ways else ((), (), ())
    named = rank(here, longest, pace, patience)
    chosen = [(one, ways[one.candidate.format, one.candidate.kv_type][0]) for one in named]
    return tuple(_plan(one, way._replace(budget=case.budget)) for one, way in chosen)


def _ways(case: MemoryCase) -> list[MemoryCase]:
    """The model in every format with every cache that the engine knows."""
    formats = FORMATS[case.serving.engine]
    if case.serving.engine == "llama.cpp" and case.model.dtype.startswith("mxfp4"):
        formats = ("MXFP4_MOE",)  # files that keep the experts as they are take hardly more than the smallest mixes
    elif case.serving.engine == "llama.cpp" and case.model.dtype.startswith(("float8", "int", "float4")):
        formats = formats[1:]  # no GGUF type holds what the checkpoint does
    if case.serving.engine == "llama.cpp" and case.model.dtype.startswith(("int4", "float4")):
        formats = formats[formats.index("Q4_K_M") :]  # most of the checkpoint has no more bits to keep
    formats = tuple(spec for spec in formats if spec != case.model.mix)  # which is "native"
    formats = _with_room(case, formats)
    caches = CACHES[case.serving.engine] if case.serving.flash else ("f16",)  # quantized ones need flash attention
    servings = [case.serving._replace(k_type=kind, v_type=kind) for kind in caches]
    return [case._replace(spec=spec, serving=serving) for spec in formats for serving in servings]


def _with_room(case: MemoryCase, formats: tuple[str, ...]) -> tuple[str, ...]:
    """`formats` without the mixes that can't fit, which need not be weighed tensor by tensor."""
    try:
        weights = case.weighed.parameters
    except QtuiError:
        return formats
    room = case.budget.gpu + case.budget.ram
    return tuple(spec for spec in formats if least_bytes(spec, weights) <= room)


def _loss(case: MemoryCase) -> float | None:
    """Nats that format and cache give up together; None where that is not known well enough to place it.

    A file as it is gives nothing up: what it lost when it was quantized is lost in every way to run it.
    """
    quality = case.quality()
    nats = 0.0 if case.spec == "native" else quality.kld_mean if quality else _UNMEASURED.get(case.spec)
    cache = cache_quality(case.serving.k_type, case.model.name)
    return None if nats is None or cache is None else nats + cache.at(case.serving.context)


def _candidate(case: MemoryCase, loss: float, full: bool = False) -> Candidate | None:
    """The way to run it that `case` is, which costs `loss`; None where it does not run or suit the model.

    Its time is that of an empty context, or of a `full` one.
    """
    try:
        need = case.need()
    except QtuiError:
        return None
    whole = need.fits(case.budget)
    offload = None
    if not whole:
        if need.total > case.budget.gpu + case.budget.ram:
            return None
        offload = case.offload()
        if offload is None or not offload.fits or not (offload.layers or offload.experts_in_ram is not None):
            return None
    time = time_of(case, need, offload)
    if time is None:
        return None
    seconds = time.seconds + time.cache if full else time.seconds
    return Candidate(case.spec, case.serving.k_type, case.serving.context, loss, seconds, need.total, whole)


def _stretched(case: MemoryCase, here: Candidate) -> Candidate:
    """The same way to run it with the largest context: in the fast memory where it is, else that of the training."""
    trained = case.model.context
    longest = min(case.max_context(), trained or UNKNOWN) if here.whole else trained or 0
    case = case.at(case.spec, max(longest, case.serving.context))
    loss = _loss(case)
    return here if loss is None else _candidate(case, loss, full=True) or here


def _usual(budget: Budget) -> Budget:
    """`budget` with usual bandwidths where its own are not known."""
    card, ram = budget.gpu_bandwidth or USUAL_CARD, budget.ram_bandwidth or USUAL_RAM
    return budget._replace(gpu_bandwidth=card, ram_bandwidth=ram)


def _plan(named: NamedPlan, case: MemoryCase) -> Plan:
    chosen = named.candidate
    case = case._replace(serving=case.serving._replace(context=chosen.context))
    need, weighed = case.need(), case.weighed
    fits = need.fits(case.budget)
    offload = None if fits else case.offload()
    speed = speed_of(case, need, offload)
    quality = case.quality()
    cache = cache_quality(chosen.kv_type, case.model.name)
    known = quality is not None and quality.kld_mean is not None and cache is not None
    loss = (quality.kld_mean or 0.0) + cache.at(chosen.context) if known and quality and cache else None
    layers, experts = _placed(case, offload)
    return Plan(
        name=named.name,
        format=case.spec,
        kv_type=chosen.kv_type,
        context=chosen.context,
        gpu_layers=layers,
        cpu_moe_layers=experts,
        bits_per_weight=8 * weighed.bytes / max(1, weighed.parameters),
        quality=quality,
        cache=cache,
        loss=loss,
        speed=speed,
        prompt=prompt_of(case) if fits else None,
        fits=fits,
        total_bytes=need.total,
        gives_up=_gives_up(case, quality, cache, fits),
        reasons=named.reasons,
        commands=commands(case, chosen.kv_type, layers, experts),
    )


def _placed(case: MemoryCase, offload: Offload | None) -> tuple[int, int]:
    """(layers on the GPU, layers whose experts are in RAM)."""
    layers = case.model.arch.num_layers if case.model.arch else 0
    if offload is None:
        return (layers if case.budget.gpu or case.machine.unified else 0), 0
    if offload.experts_in_ram is not None:
        # llama.cpp counts from the first layer on, those without experts included.
        stored = case.weighed.weights.stored
        sparse = sorted({i for item in stored if item.tensor.part == "experts" for i in item.layers if i is not None})
        return layers, sparse[offload.experts_in_ram - 1] + 1 if offload.experts_in_ram else 0
    return offload.layers, 0


def _gives_up(case: MemoryCase, quality: Quality | None, cache: CacheQuality | None, fits: bool) -> tuple[str, ...]:
    """What the plan costs, in sentences without their mark."""
    texts = []
    if quality is None or quality.kld_mean is None:
        what = (
            f"was lost in {case.model.mix} before" if case.spec == "native" and case.model.mix else "the format loses"
        )
        texts.append(f"what {what}: no measurement")
    elif quality.kld_mean:
        given = f"lost in {case.model.mix} before" if case.spec == "native" else "for the format"
        texts.append(f"{quality.kld_mean:.2g} nats {given} ({quality.model})")
    if cache is None:
        texts.append("what the cache loses: no measurement")
    elif cache.kld_mean:
        texts.append(f"about {cache.at(case.serving.context):.1g} for the cache")
    if not fits:
        texts.append("speed: part of it is in RAM")
    trained = case.model.context
    if trained and case.serving.context < trained:
        texts.append(f"{trained - case.serving.context:,} of {trained:,} tokens of context")
    elif trained and case.serving.context > trained:
        texts.append(f"reliable answers beyond {trained:,} tokens, the context it was trained with")
    return tuple(texts)
