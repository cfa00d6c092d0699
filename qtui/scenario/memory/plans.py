"""The plans for a model on a machine: formats by caches by placements, ranked, with sizes, speeds and commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace

from qtui.compute.memory.fit import Budget, Offload
from qtui.compute.memory.mixes import MIXES
from qtui.compute.memory.ranking import TOLERABLE, Candidate, NamedPlan, rank
from qtui.compute.memory.speed import Speed
from qtui.error import QtuiError
from qtui.models.published.quality import CacheQuality, Quality, cache_quality, is_reference, quality_of
from qtui.scenario.memory.case import MemoryCase, prompt_of, speed_of
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
# What a format loses that nobody measured, so that it has its place among the others: never shown.
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
    # A plan says itself what stays in RAM.
    case = case._replace(scenario=replace(case.scenario, n_cpu_moe=0, override_tensor=()))
    candidates: dict[tuple[str, str], tuple[MemoryCase, Candidate]] = {}
    placed = list(_ways(case))
    # Formats that lose much count only where nothing better runs.
    for tolerable in (True, False):
        for way, loss in placed:
            if (loss <= TOLERABLE) == tolerable and (one := _candidate(way, loss)):
                candidates[way.spec, way.use.k_type] = way, one
        if candidates:
            break
    named = rank([one for _, one in candidates.values()])
    return tuple(_plan(one, candidates[one.candidate.format, one.candidate.kv_type][0]) for one in named)


def _ways(case: MemoryCase) -> Iterator[tuple[MemoryCase, float]]:
    """The model in every format with every cache that the engine knows, and the nats that both lose together.

    What is not known well enough to place it is left out.
    """
    formats = FORMATS[case.use.engine]
    if case.use.engine == "llama.cpp" and case.model.dtype.startswith("mxfp4"):
        formats = ("MXFP4_MOE",)  # files that keep the experts as they are take hardly more than the smallest mixes
    elif case.use.engine == "llama.cpp" and case.model.dtype.startswith(("float8", "int", "float4")):
        formats = formats[1:]  # no GGUF type holds what the checkpoint does
    caches = CACHES[case.use.engine] if case.use.flash else ("f16",)  # quantized ones need flash attention
    cached = [(case.use._replace(k_type=kind, v_type=kind), cache_quality(kind, case.model.name)) for kind in caches]
    for spec in formats:
        quality = quality_of(spec, case.model.name, case.model.dtype)
        nats = quality.kld_mean if quality else _UNMEASURED.get(spec)
        if nats is not None:
            for use, cache in cached:
                if cache is not None:
                    yield case._replace(spec=spec, use=use), nats + cache.at(use.context)


def _candidate(case: MemoryCase, loss: float) -> Candidate | None:
    """The way to run it that `case` is, None where it does not run or the format does not suit the model."""
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
    timed = speed_of(case._replace(budget=_usual(case.budget)), need, offload)
    if timed is None:
        return None
    longest = case.max_context() if whole else _longest_split(case)
    seconds = timed.fixed + timed.reading + timed.unpacking
    kind, context = case.use.k_type, case.use.context
    return Candidate(case.spec, kind, context, loss, seconds, need.total, whole, max(longest, context))


def _longest_split(case: MemoryCase) -> int:
    """The context of the training where that runs on card and RAM together, else the present one."""
    trained = case.model.context or 0
    return trained if trained > case.use.context and case.at(case.spec, trained).split() else case.use.context


def _usual(budget: Budget) -> Budget:
    """`budget` with usual bandwidths where its own are not known."""
    card, ram = budget.gpu_bandwidth or USUAL_CARD, budget.ram_bandwidth or USUAL_RAM
    return budget._replace(gpu_bandwidth=card, ram_bandwidth=ram)


def _plan(named: NamedPlan, case: MemoryCase) -> Plan:
    chosen = named.candidate
    case = case._replace(use=case.use._replace(context=chosen.context))
    need, weighed = case.need(), case.weighed
    fits = need.fits(case.budget)
    offload = None if fits else case.offload()
    speed = speed_of(case, need, offload)
    quality = quality_of(case.spec, case.model.name, case.model.dtype)
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
        gives_up=_gives_up(case, quality, cache, speed, fits),
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


def _gives_up(
    case: MemoryCase, quality: Quality | None, cache: CacheQuality | None, speed: Speed | None, fits: bool
) -> tuple[str, ...]:
    """What the plan costs, in sentences without their mark."""
    texts = []
    if quality is None or quality.kld_mean is None:
        texts.append("what the format loses: no measurement")
    elif quality.kld_mean:
        texts.append(f"{quality.kld_mean:.2g} nats for the format ({quality.model})")
    if cache is None:
        texts.append("what the cache loses: no measurement")
    elif cache.kld_mean:
        texts.append(f"about {cache.at(case.use.context):.1g} for the cache")
    if not fits:
        texts.append("speed: part of it is in RAM")
    trained = case.model.context
    if trained and case.use.context < trained:
        texts.append(f"{trained - case.use.context:,} of {trained:,} tokens of context")
    return tuple(texts)


def commands(case: MemoryCase, kind: str, layers: int, experts: int) -> tuple[tuple[str, str], ...]:
    """(program, command) for each program that can run the format so."""
    use, model = case.use, case.model
    if use.engine == "vllm":
        return (("vLLM", _vllm(case)),)
    if use.engine == "mlx":
        name = shlex.quote(model.name)
        return (("MLX", f"mlx_lm.server --model {name} --max-tokens {use.context}"),)
    stem = re.sub(r"[^\w.+-]", "_", model.name.rpartition("/")[2])
    label = _label(case)
    file = model.source if model.gguf and case.spec == "native" else f"{stem}-{label}.gguf"
    gpu = case.budget.gpu or case.machine.unified
    full = model.arch is not None and layers >= model.arch.num_layers
    parts = ["llama-server", "-m", shlex.quote(file), "-ngl", "99" if full and gpu else str(layers)]
    parts += ["--n-cpu-moe", str(experts)] if experts else []
    parts += ["-ctk", kind, "-ctv", kind] if kind != "f16" else []
    parts += ["-c", str(use.context), "-fa", "on" if use.flash else "off"]
    parts += ["-np", str(use.sequences)] if use.sequences > 1 else []
    parts += ["-kvu"] if use.unified and use.sequences > 1 else []
    if case.cached.draft is not None:
        name = re.sub(r"[^\w.+-]", "_", case.cached.draft.model.name.rpartition("/")[2])
        parts += ["-md", shlex.quote(f"{name}.gguf"), "-ngld", "99"]
    listed = [("llama.cpp", " ".join(parts))]
    if not experts and (full or not gpu) and label.upper() in MIXES:
        settings = f"OLLAMA_CONTEXT_LENGTH={use.context // max(1, use.sequences)}"
        settings += f" OLLAMA_FLASH_ATTENTION=1 OLLAMA_KV_CACHE_TYPE={kind}" if kind != "f16" else ""
        settings += f" OLLAMA_NUM_PARALLEL={use.sequences}" if use.sequences > 1 else ""
        text = f"{settings} ollama serve; ollama run hf.co/<publisher>/{stem}-GGUF:{label}"
        listed.append(("Ollama", text))
    return tuple(listed)


def _label(case: MemoryCase) -> str:
    """How files of the format are called."""
    if is_reference(case.spec, case.model.dtype) and case.spec.lower() in ("native", ""):
        return {"bfloat16": "BF16", "float16": "F16", "float32": "F32"}.get(case.model.dtype, case.model.dtype)
    return case.spec.partition(":")[0]


def _vllm(case: MemoryCase) -> str:
    parts = ["vllm", "serve", shlex.quote(case.model.name), "--max-model-len", str(case.use.context)]
    scenario = case.scenario
    parts += ["--quantization", "fp8"] if case.spec == "float8_e4m3fn" else []
    parts += ["--gpu-memory-utilization", f"{scenario.gpu_memory_utilization:g}"]
    parts += ["--max-num-seqs", str(case.use.sequences)]
    groups = scenario.pipeline_parallel
    cards = scenario.tensor_parallel or len(case.machine.gpus) // groups
    parts += ["--tensor-parallel-size", str(cards)] if cards > 1 else []
    parts += ["--pipeline-parallel-size", str(groups)] if groups > 1 else []
    return " ".join(parts)
