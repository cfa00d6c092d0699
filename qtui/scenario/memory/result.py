"""The Memory pane's Result: every term of the sum, and the answers that follow from it, worked out when asked for."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from qtui.compute.memory import answers
from qtui.compute.memory.answers import Budget, Need, Offload, Speed
from qtui.compute.memory.cache import Term, Use
from qtui.compute.memory.estimate import outside, repack_term
from qtui.compute.memory.weights import Weights
from qtui.models.catalogue.resolve import Known
from qtui.scenario.memory.subject import Subject

if TYPE_CHECKING:
    from qtui.models.machine.detect import Machine
    from qtui.scenario.memory.remedy import Remedy
    from qtui.scenario.memory.scenario import MemoryScenario

GRID_FORMATS = {
    "llama.cpp": ("native", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "IQ4_XS", "Q3_K_M", "Q2_K", "IQ2_M"),
    "vllm": ("native", "float8_e4m3fn", "nvfp4", "int4:block=128,scale=fp16"),
    # mlx_lm's affine groups of 64 with a 16-bit scale and bias.
    "mlx": ("native", *(f"int{bits}:asym,block=64,scale=fp16" for bits in (8, 6, 4, 3))),
}
TAKES = ("RTX 4090", "RTX 5090", "H100", "H200", "B200", "Mac Studio M3 Ultra 512GB", "EPYC 9004 768GB")
GRID_CONTEXTS = tuple(1 << n for n in range(12, 21))
GRIDS_KEPT = 64  # of one model
GROUPS = ("weights", "vision", "mtp", "kv", "state", "compute", "repack")


class Cell(NamedTuple):
    """One place of the grid: a context and what it takes. `split`: only with part of it in RAM beside the card."""

    context: int
    total: int
    fits: bool
    split: bool


class Row(NamedTuple):
    """One format of the grid."""

    format: str
    bits: float
    cells: tuple[Cell, ...]
    largest: int


class Takes(NamedTuple):
    """How many of a machine it would take."""

    machine: str
    memory: int
    number: int


@dataclass(frozen=True, eq=False, repr=False)
class MemoryResult:
    """What a model needs, and what there is."""

    scenario: "MemoryScenario"
    subject: Subject
    spec: str
    use: Use
    machine: "Machine"
    budget: Budget
    others: tuple["MemoryResult", ...] = ()

    @property
    def model(self) -> Known:
        """What is known of the model."""
        return self.subject.model

    @property
    def weights(self) -> Weights:
        """Its weights in the format asked for."""
        return self.subject.weigh(self.spec).weights

    @property
    def format(self) -> str:
        """The format's name as it is shown."""
        return self.weights.label

    @cached_property
    def terms(self) -> tuple[tuple[str, Term], ...]:
        """Every term, with the group that it belongs to (see GROUPS)."""
        return (*self.subject.weigh(self.spec).terms, *self._beside(), *self.subject.running(self.use)[0])

    def _beside(self) -> list[tuple[str, Term]]:
        """What is loaded beside the text model, where the scenario asks for it."""
        found = [
            (name if name == "mtp" else "vision", Term(name.replace("_", " "), f"{count:,} parameters", size))
            for name, count, size in self.extras
            if size and (self.scenario.mtp if name == "mtp" else self.scenario.vision)
        ]
        if self.scenario.repack and self.repacked:
            found.append(("repack", self.repacked))
        return found

    @cached_property
    def repacked(self) -> Term | None:
        """The CPU backend's second copy, counted in the total only where the scenario asks for it."""
        on_cpu = not self.budget.gpu and not self.machine.unified and self.use.engine == "llama.cpp"
        return repack_term(self.weights.stored) if on_cpu else None

    def bytes(self, group: str) -> int:
        """Bytes of all terms of a group."""
        return sum(term.bytes for name, term in self.terms if name == group)

    @property
    def total(self) -> int:
        """Bytes of everything."""
        return sum(term.bytes for _, term in self.terms)

    @cached_property
    def extras(self) -> tuple[tuple[str, int, int], ...]:
        """(name, parameters, bytes) of what the checkpoint holds beside the text model."""
        model = self.model
        if model.arch is None or model.stored:
            apart: dict[str, list[int]] = {}
            for item in model.stored:
                if item.tensor.part in ("vision", "mtp"):
                    sums = apart.setdefault(item.tensor.part, [0, 0])
                    sums[0] += item.size
                    sums[1] += item.bytes
            return tuple((name, count, size) for name, (count, size) in apart.items())
        return tuple(outside(model.arch, self.spec, model.dtype, self.weights))

    @property
    def file_bytes(self) -> int | None:
        """About how large a GGUF of these weights is; None where the vocabulary isn't known.

        The header holds the tokenizer: 23 to 65 bytes a token in the published files of Mistral, Gemma, Qwen, Llama 3
        and gpt-oss.
        """
        if self.model.arch is None:
            return None
        return self.weights.bytes + 40 * int(self.model.arch["vocab_size"])

    @property
    def notes(self) -> tuple[str, ...]:
        """What the sources leave open, and what is odd about the question."""
        trained, use = self.model.context, self.use
        each = use.context // (use.sequences if use.engine == "llama.cpp" and not use.unified else 1)
        long = [f"the model was trained for {trained:,} tokens, not {each:,}"] if trained and each > trained else []
        return (*long, *self.model.notes, *self.machine.notes)

    @property
    def exact(self) -> bool:
        """Whether every term but the compute buffer is exact."""
        return not any(term.why for name, term in self.terms if name not in ("compute", "repack"))

    def need(self, use: Use | None = None) -> Need:
        """What has to be where, as the scenario says or when run otherwise."""
        return self._needed if use is None else self._need(use)

    @cached_property
    def _needed(self) -> Need:
        return self._need(self.use)

    def _need(self, use: Use) -> Need:
        weighed = self.subject.weigh(self.spec)
        total = weighed.bytes + self._beside_bytes + self.subject.running(use)[1]
        tied = bool(self.model.arch and self.model.arch["tie_word_embeddings"])
        # Only llama.cpp leaves the embedding table in RAM.
        return answers.needed(total, weighed.table if self.use.engine == "llama.cpp" else 0, tied)

    @cached_property
    def _beside_bytes(self) -> int:
        return sum(term.bytes for _, term in self._beside())

    @property
    def fits(self) -> bool:
        """Whether there is room: on the card where there is one, else in memory."""
        return self.need().fits(self.budget)

    @property
    def spare(self) -> int:
        """Bytes to spare, negative where they are missing."""
        return self.need().spare(self.budget)

    @cached_property
    def max_context(self) -> int:
        """The largest context that fits, no larger than the model was trained for (a multiple of 256 a sequence)."""
        step = 256 * (self.use.sequences if self.use.engine == "llama.cpp" else 1)

        def fits(steps: int) -> bool:
            return self.need(self.use._replace(context=steps * step)).fits(self.budget)

        asked = (self.spec, self.use._replace(context=0), self.budget, self._beside_bytes)
        if asked not in self.subject.longest:
            self.subject.longest[asked] = answers.largest(fits, (self.model.context or 1 << 22) // step) * step
        return self.subject.longest[asked]

    def at(self, spec: str, context: int | None = None) -> "MemoryResult":
        """The same in another format or context. Raises ValueError for a format that isn't known."""
        self.subject.weigh(spec)
        use = self.use._replace(context=context) if context else self.use
        return replace(self, spec=spec, use=use, others=())

    @cached_property
    def formats(self) -> tuple[str, ...]:
        """The formats worth comparing for the engine, the present one among them."""
        listed = GRID_FORMATS[self.use.engine]
        if self.use.engine == "llama.cpp" and self.model.dtype.startswith("mxfp4"):
            listed = ("native", "MXFP4_MOE", *listed[1:])
        shown = [spec for spec in listed if spec == self.spec or self._possible(spec)]
        return tuple(shown if self.spec in shown else [self.spec, *shown])

    def _possible(self, spec: str) -> bool:
        try:
            self.subject.weigh(spec)
        except ValueError:
            return False
        return True

    @cached_property
    def contexts(self) -> tuple[int, ...]:
        """The contexts worth comparing: powers of two as far as the model was trained, and the present one."""
        most = self.model.context or 1 << 17
        return tuple(
            sorted({c for c in GRID_CONTEXTS if c <= most} | {min(most, GRID_CONTEXTS[-1]), self.use.context})
        )

    @cached_property
    def grid(self) -> tuple[Row, ...]:
        """Formats by contexts: what each takes and whether it fits."""
        asked = (self.formats, self.contexts, self.use._replace(context=0), self.budget, self._beside_asked)
        known = self.subject.grids
        if asked not in known:
            if len(known) >= GRIDS_KEPT:
                known.clear()
            known[asked] = self._compared()
        return known[asked]

    @property
    def _beside_asked(self) -> tuple[int, bool, bool, bool]:
        return self.scenario.mtp, self.scenario.vision, self.scenario.repack, self.machine.unified

    def _compared(self) -> tuple[Row, ...]:
        rows = []
        for spec in self.formats:
            other = self.at(spec)
            found = []
            for context in self.contexts:
                need = other.need(self.use._replace(context=context))
                shared = self._room_in_both(need) and other.at(spec, context).split
                found.append(Cell(context, need.total, need.fits(self.budget), shared))
            weighed = self.subject.weigh(spec)
            bits = 8 * weighed.bytes / max(1, weighed.parameters)
            rows.append(Row(spec, bits, tuple(found), other.max_context))
        return tuple(rows)

    def _room_in_both(self, need: Need) -> bool:
        """Whether card and RAM together have room: without it there is no need to deal out the layers."""
        both = self.budget.gpu and self.use.engine == "llama.cpp" and self.model.arch is not None
        return bool(both) and need.total <= self.budget.gpu + self.budget.ram

    @cached_property
    def split(self) -> bool:
        """Whether it runs only with part of it in RAM beside the card."""
        return not self.fits and self.offload is not None and self.offload.fits

    @cached_property
    def best_format(self) -> str | None:
        """The format of most bits that fits at this context, None where none does.

        The weights as published come first even where another format has more bits: those would hold nothing more.
        """
        column = self.contexts.index(self.use.context)
        fitting = [row for row in self.grid if row.cells[column].fits]
        native = next((row.format for row in fitting if row.format == "native"), None)
        best = max(fitting, key=lambda row: (self.subject.weigh(row.format).bytes, row.format), default=None)
        return native or (best.format if best is not None else None)

    @cached_property
    def next_step(self) -> "Remedy | None":
        """The smallest change that makes it fit, or the better format that there is room for."""
        from qtui.scenario.memory.remedy import next_step

        return next_step(self)

    @cached_property
    def offload(self) -> Offload | None:
        """What of it the card holds; None without a card or without known layers."""
        if not self.budget.gpu or self.model.arch is None or self.use.engine != "llama.cpp":
            return None
        terms = tuple(item for item in self.terms if item[0] != "repack")
        return answers.offload(self.model.arch, self.weights.stored, terms, self.use, self.budget)

    @cached_property
    def speed(self) -> Speed | None:
        """Tokens per second of one sequence as a range; None where bandwidth or layers aren't known."""
        if self.model.arch is None:
            return None
        cache = (self.bytes("kv") + self.bytes("state")) // self.use.sequences
        read = answers.active_bytes(self.model.arch, self.weights.stored)
        layers = self.model.arch["num_layers"]
        return answers.speed(read, cache, self.need(), self.offload, self.budget, layers)

    @cached_property
    def takes(self) -> tuple[tuple[str, tuple[Takes, ...]], ...]:
        """How many of some well-known machines would hold it, for the present format and some others."""
        from qtui.models.machine.list import simulated

        places = []
        for name in TAKES:
            machine = simulated(name)
            places.append((name, machine.vram_total or machine.ram_total))
        shown = [spec for spec in self.formats if spec in (self.spec, "native", "Q8_0", "Q4_K_M", "Q2_K")]
        found = []
        column = self.contexts.index(self.use.context)
        totals = {row.format: row.cells[column].total for row in self.grid}
        for spec in shown:
            total = totals[spec]
            found.append((spec, tuple(Takes(name, memory, -(-total // memory)) for name, memory in places)))
        return tuple(found)
