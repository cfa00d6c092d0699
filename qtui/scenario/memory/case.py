"""One question to the arithmetic: a model in one format, run one way, on one machine."""

from typing import NamedTuple

from qtui.compute.memory import fit
from qtui.compute.memory.buffers import copies_term, other_cards_term
from qtui.compute.memory.estimate import outside, repack_term, weight_terms
from qtui.compute.memory.fit import Budget, Need, Offload
from qtui.compute.memory.placement import KeptInRam
from qtui.compute.memory.serving import Serving, Term
from qtui.compute.memory.speed import PROMPT_SPREAD, Speed, TokenTime, fixed_layers, speed, token_time
from qtui.models.catalogue.records import KnownModel
from qtui.models.machine.machine import Machine
from qtui.models.published.quality import Quality, quality_of
from qtui.models.published.speed import prompt_work
from qtui.scenario.base import UserError
from qtui.scenario.memory.cache import CachedModel, WeighedModel
from qtui.scenario.memory.scenario import MemoryScenario, shares_of


class MemoryCase(NamedTuple):
    """A model in the format `spec`, served as `serving` says, and the memory that it must fit into."""

    scenario: MemoryScenario
    cached: CachedModel
    spec: str
    serving: Serving
    machine: Machine
    budget: Budget

    @property
    def model(self) -> KnownModel:
        """What is known of the model."""
        return self.cached.model

    @property
    def weighed(self) -> WeighedModel:
        """The weights in this format. Raises UserError for a format that isn't known."""
        return self.cached.weigh(self.spec)

    def at(self, spec: str, context: int | None = None) -> "MemoryCase":
        """The same in another format or context."""
        return self._replace(spec=spec, serving=self.serving._replace(context=context) if context else self.serving)

    def quality(self) -> Quality | None:
        """What was measured of the format, None where nothing was."""
        return quality_of(self.spec, self.model.name, self.model.dtype, self.model.mix)

    def extras(self) -> tuple[tuple[str, int, int], ...]:
        """(name, parameters, bytes) of what the checkpoint holds beside the text model."""
        model = self.model
        if model.arch is not None and not model.stored:
            return tuple(outside(model.arch, self.spec, model.dtype))
        sums: dict[str, tuple[int, int]] = {}
        for item in model.stored:
            if item.tensor.part in ("vision", "mtp"):
                size, held = sums.get(item.tensor.part, (0, 0))
                sums[item.tensor.part] = size + item.size, held + item.bytes
        return tuple((name, *pair) for name, pair in sums.items())

    def repacked(self) -> Term | None:
        """The second copy of the weights that llama.cpp's CPU backend makes, None where it makes none."""
        on_cpu = not self.budget.gpu and not self.machine.unified and self.serving.engine == "llama.cpp"
        return repack_term(self.weighed.weights.stored) if on_cpu else None

    def beside(self) -> tuple[tuple[str, Term], ...]:
        """What is loaded beside the text model, where the Scenario asks for it."""
        scenario = self.scenario
        if not (scenario.mtp or scenario.vision or scenario.draft or scenario.repack):
            return ()
        terms = [
            (name if name == "mtp" else "vision", Term(name.replace("_", " "), f"{count:,} parameters", size))
            for name, count, size in (self.extras() if scenario.mtp or scenario.vision else ())
            if size and (scenario.mtp if name == "mtp" else scenario.vision)
        ]
        terms += _draft_terms(self)
        copy = self.repacked() if scenario.repack else None
        return (*terms, ("repack", copy)) if copy else tuple(terms)

    def need(self, context: int | None = None, beside_bytes: int | None = None) -> Need:
        """What has to be where, at another context if one is given.

        `beside_bytes` spares working that out again where no draft model's cache grows with the context.
        """
        serving = self.serving if context is None else self.serving._replace(context=context)
        if beside_bytes is None or self.cached.draft is not None:
            case = self.at(self.spec, context) if context else self
            beside_bytes = sum(term.bytes for _, term in case.beside())
        need = self._need(serving, beside_bytes)
        more = sum(term.bytes for _, term in self._more_cards(serving, need))
        return need._replace(total=need.total + more, gpu=need.gpu + more) if more else need

    def _need(self, serving: Serving, beside_bytes: int) -> Need:
        """The same without the buffers of further cards."""
        weighed = self.weighed
        total = weighed.bytes + beside_bytes + self.cached.running(serving).bytes
        tied = bool(self.model.arch and self.model.arch.tie_word_embeddings)
        # Only llama.cpp leaves the embedding table in RAM.
        need = fit.needed(total, weighed.table if serving.engine == "llama.cpp" else 0, tied)
        kept = self.kept_in_ram()
        return need._replace(gpu=need.gpu - kept.bytes, host=need.host + kept.bytes) if kept else need

    def cards(self) -> int:
        """How many cards hold a part of the model."""
        scenario = self.scenario
        if not self.budget.gpu or scenario.split_mode == "none":
            return 1
        shares = shares_of(scenario.tensor_split) if scenario.tensor_split else ()
        return max(1, sum(map(bool, shares)) if shares else len(self.machine.gpus))

    def together(self) -> int:
        """How many cards work on each layer at once; 1 where they take turns."""
        scenario = self.scenario
        if self.serving.engine == "vllm" and self.budget.gpu:
            return scenario.tensor_parallel or max(1, len(self.machine.gpus) // scenario.pipeline_parallel)
        return self.cards() if scenario.split_mode in ("row", "tensor") else 1

    def cache_copies(self) -> int:
        """On how many cards vLLM keeps the same part of the cache: where there are more cards than key heads.

        A latent cache (MLA) has one head, and every card holds it.
        """
        if self.serving.engine != "vllm" or self.model.arch is None or not self.budget.gpu:
            return 1
        cards = self.together()
        heads = [m.cache_heads for m in self.model.arch.mixers if m.ATTENDS]
        return max(1, cards // min(heads, default=cards))

    def _more_cards(self, serving: Serving, need: Need) -> tuple[tuple[str, Term], ...]:
        """What more than one card takes beside `need`: buffers, a pipeline's copies if they fit, vLLM's caches."""
        if not self.budget.gpu:
            return ()
        arch, cards, mode = self.model.arch, self.cards(), self.scenario.split_mode
        if (copies := self.cache_copies()) > 1:
            size = sum(term.bytes for group, term in self.cached.running(serving).terms if group == "kv")
            formula = f"{copies - 1} × {size:,} B: more cards than key heads; data-parallel attention has one"
            return (("kv", Term("the cache on other cards", formula, (copies - 1) * size)),)
        if arch is None or cards < 2 or serving.engine != "llama.cpp":
            return ()
        others = other_cards_term(arch, serving, cards, mode == "tensor")
        pipeline = copies_term(arch, serving, cards)
        pipelined = mode == "layer" and self.kept_in_ram() is None
        room = self.budget.gpu - need.gpu - others.bytes
        return (("compute", others), *([("compute", pipeline)] if pipelined and pipeline.bytes <= room else ()))

    def kept_in_ram(self) -> KeptInRam | None:
        """What the person keeps in RAM beside a card, None where nothing or where there is no card."""
        scenario = self.scenario
        if not (scenario.n_cpu_moe or scenario.override_tensor) or not self.budget.gpu:
            return None
        if self.serving.engine != "llama.cpp":
            raise UserError("--n-cpu-moe and --override-tensor are llama.cpp's")
        return self.cached.kept_in_ram(self.spec, scenario.n_cpu_moe, scenario.override_tensor)

    def max_context(self) -> int:
        """The largest context that fits, no larger than the model was trained for (a multiple of 256 a sequence)."""
        step = 256 * (self.serving.sequences if self.serving.engine == "llama.cpp" else 1)
        beside_bytes = sum(term.bytes for _, term in self.beside())

        def room(steps: int) -> int:
            return self.need(steps * step, beside_bytes).room(self.budget)

        scenario = self.scenario
        placed = scenario.n_cpu_moe, scenario.override_tensor, scenario.split_mode, scenario.tensor_split
        key = (self.spec, self.serving._replace(context=0), self.budget, beside_bytes, placed)
        most = (self.model.context or 1 << 22) // step
        return self.cached.longest.get(key, lambda: fit.largest(room, most) * step)

    def terms(self) -> tuple[tuple[str, Term], ...]:
        """Every term of the sum with its group."""
        beside = self.beside()
        running = self.cached.running(self.serving).terms
        more = self._more_cards(self.serving, self._need(self.serving, sum(term.bytes for _, term in beside)))
        return (*weight_terms(self.weighed.weights), *beside, *running, *more)

    def offload(self) -> Offload | None:
        """What of it the card holds; None without a card, without known layers, and for other engines."""
        if not self.budget.gpu or self.model.arch is None or self.serving.engine != "llama.cpp" or self.kept_in_ram():
            return None
        running = self.cached.running(self.serving).terms
        if self.cards() > 1:
            others = other_cards_term(
                self.model.arch, self.serving, self.cards(), self.scenario.split_mode == "tensor"
            )
            running = (*running, ("compute", others))
        beside = sum(term.bytes for _, term in self.beside())
        room = self.budget._replace(gpu=max(1, self.budget.gpu - beside))
        weights, caches = self.cached.layer_bytes(self.spec), self.cached.layer_caches(self.serving)
        placed = fit.offload(weights, caches, running, room)
        return placed._replace(gpu=placed.gpu + beside, experts_gpu=placed.experts_gpu + beside) if beside else placed

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
    draft = case.cached.draft
    if draft is None:
        return []
    spec = case.scenario.draft.partition(":")[2] or ("native" if draft.model.stored else case.spec)
    weighed = draft.weigh(spec)
    name = draft.model.name.rpartition("/")[2]
    formula = f"{weighed.parameters:,} × {8 * weighed.bytes / max(1, weighed.parameters):.4g}/8 B ({spec})"
    running = draft.running(case.serving._replace(k_type="f16", v_type="f16", rollback=0))
    terms = [Term(f"{name}", formula, weighed.bytes, weighed.weights.why)]
    terms += [term._replace(name=f"{term.name}, draft") for _, term in running.terms]
    return [("draft", term) for term in terms]


def time_of(case: MemoryCase, need: Need, offload: Offload | None) -> TokenTime | None:
    """How long a token takes, None where that isn't known."""
    arch, read = case.model.arch, case.weighed.read
    if arch is None or read is None:
        return None
    kept = case.kept_in_ram()
    given = (kept.read / max(1, read.weights), kept.layers) if kept else None
    return token_time(read, _cache_read(case), need, offload, case.budget, fixed_layers(arch), given)


def speed_of(case: MemoryCase, need: Need, offload: Offload | None) -> Speed | None:
    """How fast it is, None where that isn't known; of cards that divide each layer, as if they took turns."""
    time, read = time_of(case, need, offload), case.weighed.read
    if time is None or read is None:
        return None
    paced, cards = speed(read, _cache_read(case), time), case.together()
    if cards < 2:
        return paced
    turns = f"the cards taking turns: {cards} that work on each layer at once are up to {cards} times as fast"
    return paced._replace(basis=f"{paced.basis}; {turns} (not modelled)")


def _cache_read(case: MemoryCase) -> int:
    """Bytes of cache and state that a token of one sequence reads where its context is full."""
    return case.cached.running(case.serving).cache // case.serving.sequences


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
