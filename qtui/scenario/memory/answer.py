"""The Result of one question: the sum, what each device holds, what follows from it."""

from __future__ import annotations

from qtui.compute.memory.devices import CardSplit, DeviceShare, deal
from qtui.compute.memory.fit import Need, Offload
from qtui.compute.memory.placement import places_of
from qtui.models.published.speed import SpeedMeasurement, measured
from qtui.scenario.memory.case import MemoryCase, device_of, prompt_of, speed_of
from qtui.scenario.memory.machine import card_rooms, card_shares
from qtui.scenario.memory.result import Capacity, MemoryResult

CAPACITY_CONTEXTS = (2048, 8192, 32768, 131072)
# Of a token in a GGUF's header: 23 to 65 in the published files of Mistral, Gemma, Qwen3, Llama 3 and gpt-oss.
TOKENIZER_BYTES = 40


def solve_case(case: MemoryCase) -> MemoryResult:
    """The Result of one question. Raises UserError for a format that isn't known."""
    terms, need, offload = case.terms(), case.need(), case.offload()
    speed = speed_of(case, need, offload)
    fits = need.fits(case.budget)
    devices = _devices(case, need, offload)
    if fits and (case.scenario.tensor_split or case.scenario.split_mode != "layer"):
        fits = all(device.total <= device.available for device in devices)
    return MemoryResult(
        scenario=case.scenario,
        model=case.model,
        draft=case.cached.draft.model if case.cached.draft is not None else None,
        spec=case.spec,
        serving=case.serving,
        machine=case.machine,
        budget=case.budget,
        weights=case.weighed.weights,
        terms=terms,
        total=sum(term.bytes for _, term in terms),
        repacked=case.repacked(),
        extras=case.extras(),
        file_bytes=_file_bytes(case),
        need=need,
        fits=fits,
        spare=need.spare(case.budget),
        max_context=case.max_context(),
        offload=offload,
        split=not fits and offload is not None and offload.fits,
        devices=devices,
        speed=speed,
        prompt=prompt_of(case) if speed is not None and fits else None,
        measured=_measured(case),
        growth=_growth(case),
        capacity=_capacity(case) if case.serving.engine == "vllm" else None,
        exact=case.model.family_known
        and not any(term.why for group, term in terms if group not in ("compute", "repack")),
        notes=(*_notes(case), *(_uneven(devices) if fits else ())),
    )


def _growth(case: MemoryCase) -> int:
    """Bytes that 1,024 more tokens of context take."""
    longer = case.at(case.spec, case.serving.context + 1024)
    now, then = (
        asked.cached.running(asked.serving).bytes + sum(term.bytes for _, term in asked.beside())
        for asked in (case, longer)
    )
    return then - now


def _capacity(case: MemoryCase) -> Capacity | None:
    """How many users of which length a server has room for, beside the weights and one batch's activations."""
    if case.model.arch is None:
        return None
    alone = case.serving._replace(sequences=1)
    running = case.cached.running(alone).terms
    beside = sum(term.bytes for group, term in running if group == "compute")
    free = case.budget.limit - case.weighed.bytes - sum(term.bytes for _, term in case.beside()) - beside
    copies = case.cache_copies()

    def size(context: int) -> int:
        terms = case.cached.running(alone._replace(context=context)).terms
        return sum(term.bytes * (copies if group == "kv" else 1) for group, term in terms if group in ("kv", "state"))

    trained = case.model.context or CAPACITY_CONTEXTS[-1]
    contexts = [context for context in CAPACITY_CONTEXTS if context <= trained]
    users = tuple((context, max(0, free) // max(1, size(context))) for context in contexts)
    whole = max(1, size(case.serving.context))
    return Capacity(max(0, free) * case.serving.context // whole, users)


def _file_bytes(case: MemoryCase) -> int | None:
    if case.model.arch is None:
        return None
    return case.weighed.bytes + TOKENIZER_BYTES * case.model.arch.vocab_size


def _devices(case: MemoryCase, need: Need, offload: Offload | None) -> tuple[DeviceShare, ...]:
    """What each card and the RAM hold; nothing where it doesn't run or the layers aren't known."""
    arch, fits = case.model.arch, need.fits(case.budget)
    if arch is None or not (fits or (offload is not None and offload.fits)):
        return ()
    sums = dict.fromkeys(("weights", "kv", "compute"), 0)
    for group, term in case.terms():
        sums[{"kv": "kv", "state": "kv", "compute": "compute"}.get(group, "weights")] += term.bytes
    beside = sum(term.bytes for _, term in case.beside())
    if not case.budget.gpu:
        name = case.machine.name if case.machine.unified else "RAM"
        shares = (sums["weights"], sums["kv"], sums["compute"])
        return (DeviceShare(name, arch.num_layers, *shares, case.budget.ram),)
    scenario, rooms = case.scenario, card_rooms(case.machine, case.scenario)
    cards = [(card.name, room) for card, room in zip(case.machine.gpus, rooms, strict=True)]
    stored = case.weighed.weights.stored
    in_ram = places_of(scenario.n_cpu_moe, scenario.override_tensor) if case.kept_in_ram() else None
    llama = case.serving.engine == "llama.cpp"
    beside += 0 if llama or arch.tie_word_embeddings else case.weighed.table
    split = CardSplit(case_split(case), card_shares(scenario, len(cards)), beside, case.cache_copies())
    buffer = sums["compute"] // (case.cards() if llama else 1)
    dealt = deal(arch, stored, case.serving, buffer, case.budget, cards, None if fits else offload, split, in_ram)
    return dealt if llama else dealt[:-1]  # other engines leave nothing in RAM


def case_split(case: MemoryCase) -> str:
    """How the engine divides layers among cards."""
    if case.serving.engine == "llama.cpp":
        return case.scenario.split_mode
    return "tensor" if case.scenario.pipeline_parallel == 1 else "layer"


def _measured(case: MemoryCase) -> tuple[SpeedMeasurement, ...]:
    """Published measurements of this very question."""
    label = "F16" if case.spec.lower() in ("native", "bf16", "f16", "fp16") else case.spec
    return measured(device_of(case), case.model.name.rpartition("/")[2], label, case.serving.engine)


def _notes(case: MemoryCase) -> tuple[str, ...]:
    """What the sources leave open, and what is odd about the question."""
    trained, serving = case.model.context, case.serving
    tokens = serving.context // (serving.sequences if serving.engine == "llama.cpp" and not serving.unified else 1)
    beyond = trained is not None and tokens > trained > 0
    long = [f"the model was trained for {trained:,} tokens, not {tokens:,}"] if beyond else []
    also = case.weighed.weights.also
    return (*long, *([also] if also else []), *case.model.notes, *case.machine.notes, *_kept_back(case))


def _uneven(devices: tuple[DeviceShare, ...]) -> tuple[str, ...]:
    """Where layers do not divide evenly, a card may be given more than it has though all together have room."""
    over = max((device.total - device.available for device in devices), default=0)
    if over <= 0:
        return ()
    return (f"dealt out by their memory, one device would hold {over / 1e9:.2g} GB more than it has: --tensor-split",)


def _kept_back(case: MemoryCase) -> tuple[str, ...]:
    """Memory of a card or a Mac that the model can't use."""
    total = case.machine.vram_free
    given = case.scenario.vram.strip()
    if case.budget.gpu and given.lower().endswith("gb") and not set(",+x×*") & set(given.lower()):
        sold = given[:-2].strip()
        return (
            f"{sold} GB are {total / 2**30:.2f} GiB; a card sold as {sold} GB has {sold} GiB, less what its driver "
            f"keeps: --vram {sold}GiB, or its name with --machine",
        )
    rooms = card_rooms(case.machine, case.scenario)
    if case.budget.gpu < sum(rooms):
        return (f"so shared out, a card is full at {case.budget.gpu / 1e9:.1f} of {sum(rooms) / 1e9:.1f} GB",)
    if case.budget.gpu and case.serving.engine == "llama.cpp" and case.budget.gpu < total:
        kept = (total - case.budget.gpu) / 2**20
        return (f"{kept:,.0f} MiB of the card's free memory are left to its driver; --vram gives an amount as free",)
    if case.machine.kind == "amd" and case.machine.gpu_share:
        return ("AMD lets graphics have three quarters of the memory; Linux can give more (ttm.pages_limit)",)
    if case.machine.kind == "apple-gpu" and case.machine.gpu_share:
        return ("macOS gives the GPU two thirds to three quarters of the memory; iogpu.wired_limit_mb raises it",)
    kept = case.machine.ram_total - case.budget.ram
    if not case.budget.gpu and case.machine.ram_available == case.machine.ram_total and kept:
        return (f"{kept / 2**30:.0f} GiB of RAM are left to the system; --ram gives an amount as free",)
    return ()
