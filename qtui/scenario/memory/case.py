"""One question to the arithmetic: a model in one format, run one way, on one machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from qtui.compute.memory import answers
from qtui.compute.memory.answers import Budget, Need, Offload
from qtui.compute.memory.devices import DeviceShare, Split, deal
from qtui.compute.memory.estimate import outside, repack_term, weight_terms
from qtui.compute.memory.mixers.attention import Attention
from qtui.compute.memory.speed import PROMPT_SPREAD, Speed, fixed_layers
from qtui.compute.memory.speed import speed as modelled_speed
from qtui.compute.memory.use import Term, Use
from qtui.models.catalogue.records import KnownModel
from qtui.models.machine.machine import Machine
from qtui.models.published.speed import SpeedMeasurement, measured, prompt_work
from qtui.scenario.base import UserError
from qtui.scenario.memory.bench import ModelBench, WeighedModel
from qtui.scenario.memory.result import Capacity, MemoryResult
from qtui.scenario.memory.scenario import MemoryScenario, shares_of

if TYPE_CHECKING:  # most questions leave it to the program what lies where
    from qtui.compute.memory.placement import KeptInRam

CAPACITY_CONTEXTS = (2048, 8192, 32768, 131072)
# Of a token in a GGUF's header: 23 to 65 in the published files of Mistral, Gemma, Qwen3, Llama 3 and gpt-oss.
TOKENIZER_BYTES = 40


class MemoryCase(NamedTuple):
    """A model on its bench in the format `spec`, run as `use` says, and the memory that it must fit into."""

    scenario: MemoryScenario
    bench: ModelBench
    spec: str
    use: Use
    machine: Machine
    budget: Budget

    @property
    def model(self) -> KnownModel:
        """What is known of the model."""
        return self.bench.model

    @property
    def weighed(self) -> WeighedModel:
        """The weights in this format. Raises ValueError for a format that isn't known."""
        return self.bench.weigh(self.spec)

    def at(self, spec: str, context: int | None = None) -> MemoryCase:
        """The same in another format or context."""
        return self._replace(spec=spec, use=self.use._replace(context=context) if context else self.use)

    def extras(self) -> tuple[tuple[str, int, int], ...]:
        """(name, parameters, bytes) of what the checkpoint holds beside the text model."""
        model = self.model
        if model.arch is not None and not model.stored:
            return tuple(outside(model.arch, self.spec, model.dtype, self.weighed.weights))
        sums: dict[str, tuple[int, int]] = {}
        for item in model.stored:
            if item.tensor.part in ("vision", "mtp"):
                size, held = sums.get(item.tensor.part, (0, 0))
                sums[item.tensor.part] = size + item.size, held + item.bytes
        return tuple((name, *pair) for name, pair in sums.items())

    def repacked(self) -> Term | None:
        """The second copy of the weights that llama.cpp's CPU backend makes, None where it makes none."""
        on_cpu = not self.budget.gpu and not self.machine.unified and self.use.engine == "llama.cpp"
        return repack_term(self.weighed.weights.stored) if on_cpu else None

    def beside(self) -> tuple[tuple[str, Term], ...]:
        """What is loaded beside the text model, where the Scenario asks for it."""
        scenario = self.scenario
        terms = [
            (name if name == "mtp" else "vision", Term(name.replace("_", " "), f"{count:,} parameters", size))
            for name, count, size in (self.extras() if scenario.mtp or scenario.vision else ())
            if size and (scenario.mtp if name == "mtp" else scenario.vision)
        ]
        terms += _draft_terms(self)
        copy = self.repacked() if scenario.repack else None
        return (*terms, ("repack", copy)) if copy else tuple(terms)

    def need(self, context: int | None = None, beside_bytes: int | None = None) -> Need:
        """What has to be where, at another context if one is given. `beside_bytes` spares working that out again."""
        use = self.use if context is None else self.use._replace(context=context)
        if beside_bytes is None:
            beside_bytes = sum(term.bytes for _, term in self.beside())
        total = self.weighed.bytes + beside_bytes + self.bench.running(use).bytes
        tied = bool(self.model.arch and self.model.arch.tie_word_embeddings)
        # Only llama.cpp leaves the embedding table in RAM.
        need = answers.needed(total, self.weighed.table if use.engine == "llama.cpp" else 0, tied)
        kept = self.kept_in_ram()
        return need._replace(gpu=need.gpu - kept.bytes, host=need.host + kept.bytes) if kept else need

    def kept_in_ram(self) -> KeptInRam | None:
        """What the person keeps in RAM beside a card, None where nothing or where there is no card."""
        scenario = self.scenario
        if not (scenario.n_cpu_moe or scenario.override_tensor) or not self.budget.gpu:
            return None
        if self.use.engine != "llama.cpp":
            raise UserError("--n-cpu-moe and --override-tensor are llama.cpp's")
        return self.bench.kept_in_ram(self.spec, scenario.n_cpu_moe, scenario.override_tensor)

    def max_context(self) -> int:
        """The largest context that fits, no larger than the model was trained for (a multiple of 256 a sequence)."""
        step = 256 * (self.use.sequences if self.use.engine == "llama.cpp" else 1)
        beside_bytes = sum(term.bytes for _, term in self.beside())

        def fits(steps: int) -> bool:
            return self.need(steps * step, beside_bytes).fits(self.budget)

        placed = self.scenario.n_cpu_moe, self.scenario.override_tensor
        key = (self.spec, self.use._replace(context=0), self.budget, beside_bytes, placed)
        most = (self.model.context or 1 << 22) // step
        return self.bench.longest.get(key, lambda: answers.largest(fits, most) * step)

    def terms(self) -> tuple[tuple[str, Term], ...]:
        """Every term of the sum with its group."""
        return (*weight_terms(self.weighed.weights), *self.beside(), *self.bench.running(self.use).terms)

    def offload(self) -> Offload | None:
        """What of it the card holds; None without a card, without known layers, and for other engines."""
        if not self.budget.gpu or self.model.arch is None or self.use.engine != "llama.cpp" or self.kept_in_ram():
            return None
        running = self.bench.running(self.use).terms
        return answers.offload(self.model.arch, self.weighed.weights.stored, running, self.use, self.budget)

    def split(self) -> bool:
        """Whether it runs only with part of it in RAM beside the card."""
        need = self.need()
        # Where card and RAM together have no room, there is no need to deal out the layers.
        if need.fits(self.budget) or need.total > self.budget.gpu + self.budget.ram:
            return False
        offload = self.offload()
        return offload is not None and offload.fits


def _draft_terms(case: MemoryCase) -> list[tuple[str, Term]]:
    """The draft model: its weights, and its cache and buffer, which stay in f16 as llama.cpp keeps them."""
    draft = case.bench.draft
    if draft is None:
        return []
    spec = case.scenario.draft.partition(":")[2] or ("native" if draft.model.stored else case.spec)
    weighed = draft.weigh(spec)
    name = draft.model.name.rpartition("/")[2]
    formula = f"{weighed.parameters:,} × {8 * weighed.bytes / max(1, weighed.parameters):.4g}/8 B ({spec})"
    running = draft.running(case.use._replace(k_type="f16", v_type="f16", rollback=0))
    terms = [Term(f"{name}", formula, weighed.bytes, weighed.weights.why)]
    terms += [term._replace(name=f"{term.name} of the draft") for _, term in running.terms]
    return [("draft", term) for term in terms]


def solve_case(case: MemoryCase) -> MemoryResult:
    """The Result of one question. Raises ValueError for a format that isn't known."""
    terms, need, offload = case.terms(), case.need(), case.offload()
    speed = speed_of(case, need, offload)
    fits = need.fits(case.budget)
    devices = _devices(case, need, offload)
    if fits and (case.scenario.tensor_split or case.scenario.split_mode != "layer"):
        fits = all(device.total <= device.available for device in devices)
    return MemoryResult(
        scenario=case.scenario,
        model=case.model,
        draft=case.bench.draft.model if case.bench.draft is not None else None,
        spec=case.spec,
        use=case.use,
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
        capacity=_capacity(case) if case.use.engine == "vllm" else None,
        exact=case.model.family_known
        and not any(term.why for group, term in terms if group not in ("compute", "repack")),
        notes=_notes(case),
    )


def _growth(case: MemoryCase) -> int:
    """Bytes that 1,024 more tokens of context take."""
    longer = case.use._replace(context=case.use.context + 1024)
    return case.bench.running(longer).bytes - case.bench.running(case.use).bytes


def _capacity(case: MemoryCase) -> Capacity | None:
    """How many users of which length a server has room for, beside the weights and one batch's activations."""
    if case.model.arch is None:
        return None
    one = case.use._replace(sequences=1)
    running = case.bench.running(one).terms
    beside = sum(term.bytes for group, term in running if group == "compute")
    free = case.budget.limit - case.weighed.bytes - sum(term.bytes for _, term in case.beside()) - beside
    cards = case.scenario.tensor_parallel or max(1, len(case.machine.gpus) // case.scenario.pipeline_parallel)
    heads = min((m.kv_heads for m in case.model.arch.mixers if isinstance(m, Attention)), default=cards)
    copies = max(1, cards // heads)  # more cards than key heads hold copies of them

    def size(context: int) -> int:
        terms = case.bench.running(one._replace(context=context)).terms
        return copies * sum(term.bytes for group, term in terms if group in ("kv", "state"))

    trained = case.model.context or CAPACITY_CONTEXTS[-1]
    contexts = [context for context in CAPACITY_CONTEXTS if context <= trained]
    users = tuple((context, max(0, free) // max(1, size(context))) for context in contexts)
    whole = max(1, size(case.use.context))
    return Capacity(max(0, free) * case.use.context // whole, users)


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
    scenario, free = case.scenario, max(1, case.machine.vram_free)
    cards = [(card.name, card.free * case.budget.gpu // free) for card in case.machine.gpus]
    stored = case.weighed.weights.stored
    in_ram = None
    if case.kept_in_ram():
        from qtui.compute.memory.placement import places_of

        in_ram = places_of(scenario.n_cpu_moe, scenario.override_tensor)
    llama = case.use.engine == "llama.cpp"
    beside += 0 if llama or arch.tie_word_embeddings else case.weighed.table
    split = Split(case_split(case), card_shares(case, len(cards)), beside)
    dealt = deal(
        arch, stored, case.use, sums["compute"], case.budget, cards, None if fits else offload, split, in_ram
    )
    return dealt if llama else dealt[:-1]  # other engines leave nothing in RAM


def case_split(case: MemoryCase) -> str:
    """How the engine divides layers among cards."""
    if case.use.engine == "llama.cpp":
        return case.scenario.split_mode
    return "tensor" if case.scenario.pipeline_parallel == 1 else "layer"


def card_shares(case: MemoryCase, cards: int) -> tuple[float, ...]:
    """The shares of the cards that the person gives, nothing where their memory decides. Raises UserError."""
    scenario = case.scenario
    if scenario.split_mode == "none":
        return (1.0, *[0.0] * (cards - 1))
    if not scenario.tensor_split:
        return (1 / cards,) * cards if case.use.engine == "vllm" else ()
    shares = shares_of(scenario.tensor_split)
    if len(shares) > cards:
        raise UserError(f"--tensor-split has {len(shares)} shares for {cards} cards")
    return (*shares, *[0.0] * (cards - len(shares)))


def speed_of(case: MemoryCase, need: Need, offload: Offload | None) -> Speed | None:
    """How fast it is, None where that isn't known."""
    arch, read = case.model.arch, case.weighed.read
    if arch is None or read is None:
        return None
    running = case.bench.running(case.use).terms
    cache = sum(term.bytes for group, term in running if group in ("kv", "state")) // case.use.sequences
    kept = case.kept_in_ram()
    given = (kept.read / max(1, read.weights), kept.layers) if kept else None
    return modelled_speed(read, cache, need, offload, case.budget, fixed_layers(arch), given)


def device_of(case: MemoryCase) -> str:
    """The name of what computes."""
    return case.machine.gpus[0].name if case.budget.gpu and case.machine.gpus else case.machine.name


def prompt_of(case: MemoryCase) -> tuple[float, float, str] | None:
    """Tokens of a prompt per second, lowest and highest, and what they are modelled from."""
    work, read = prompt_work(device_of(case)), case.weighed.read
    if work is None or read is None:
        return None
    rate = work[0] / max(1, sum(read.counts.values()))
    row = work[1]
    basis = f"modelled from {row.prompt:,.0f} tokens/s of {row.model} {row.format} on {row.device}, {row.source}"
    return rate * PROMPT_SPREAD[0], rate * PROMPT_SPREAD[1], basis


def _measured(case: MemoryCase) -> tuple[SpeedMeasurement, ...]:
    """Published measurements of this very question."""
    label = "F16" if case.spec.lower() in ("native", "bf16", "f16", "fp16") else case.spec
    return measured(device_of(case), case.model.name.rpartition("/")[2], label, case.use.engine)


def _notes(case: MemoryCase) -> tuple[str, ...]:
    """What the sources leave open, and what is odd about the question."""
    trained, use = case.model.context, case.use
    tokens = use.context // (use.sequences if use.engine == "llama.cpp" and not use.unified else 1)
    beyond = trained is not None and tokens > trained > 0
    long = [f"the model was trained for {trained:,} tokens, not {tokens:,}"] if beyond else []
    also = case.weighed.weights.also
    return (*long, *([also] if also else []), *case.model.notes, *case.machine.notes, *_kept_back(case))


def _kept_back(case: MemoryCase) -> tuple[str, ...]:
    """What of a card or a Mac is not for the model."""
    total = case.machine.vram_free
    given = case.scenario.vram.strip()
    if case.budget.gpu and given.lower().endswith("gb") and "," not in given and "+" not in given:
        sold = given[:-2].strip()
        return (
            f"{sold} GB are {total / 2**30:.2f} GiB; a card sold as {sold} GB has {sold} GiB, less what its driver "
            f"keeps: --vram {sold}GiB, or its name with --machine",
        )
    if case.budget.gpu and case.use.engine == "llama.cpp" and case.budget.gpu < total:
        kept = (total - case.budget.gpu) / 2**20
        return (f"{kept:,.0f} MiB of the card's free memory are left to its driver; --vram gives an amount as free",)
    if case.machine.kind == "apple-gpu" and case.machine.gpu_share:
        return ("macOS gives the GPU two thirds to three quarters of the memory; iogpu.wired_limit_mb raises it",)
    return ()
