"""The Memory pane's Scenario: a model, a format and a way to run it; solved into bytes, each with its terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qtui.compute.memory.cache import Term, Use
from qtui.models.catalogue_resolve import Known
from qtui.scenario.base import Scenario, argument, option
from qtui.scenario.progress import Progress


def tokens(text: str) -> int:
    """A number of tokens: 8192, 32k (×1024), 1m (×1024²). Raises ValueError."""
    folded = text.strip().lower().replace(",", "").replace("_", "")
    scale = {"k": 1024, "m": 1024 * 1024}.get(folded[-1:], 1)
    digits = folded if scale == 1 else folded[:-1]
    if not digits.isdigit() or not 0 < int(digits) * scale <= 1 << 40:
        raise ValueError(f"a context is a number of tokens such as 8192, 32k or 1m, not {text!r}")
    return int(digits) * scale


@dataclass(frozen=True)
class MemScenario(Scenario):
    """What to estimate."""

    command = "mem"

    model: tuple[str, ...] = argument(
        ("Qwen3-Coder-Next",), "a model of the catalogue (any part of its name) or a count such as 8B", many=True
    )
    format: str = option(
        "native", "how the weights are stored: native, Q4_K_M, Q8_0, bf16, nf4, ...", "--format", "-f"
    )
    ctx: int = option(8192, "context in tokens, all sequences together: 8192, 32k, 1m", "--ctx", "-c", type=tokens)
    kv_type: str = option("f16", "format of the KV cache; K and V apart as in q8_0/q4_0")
    seqs: int = option(1, "sequences at once", "--seqs", "-n")


@dataclass(frozen=True)
class MemResult:
    """What a model needs, and what there is."""

    scenario: MemScenario
    model: Known
    format: str
    parameters: int
    terms: tuple[tuple[str, Term], ...]  # (weights, kv, state or compute; the term)
    available: int
    max_context: int

    def bytes(self, group: str) -> int:
        """Bytes of all terms of a group: weights, kv, state, compute."""
        return sum(term.bytes for name, term in self.terms if name == group)

    @property
    def total(self) -> int:
        """Bytes of everything."""
        return sum(term.bytes for _, term in self.terms)

    @property
    def fits(self) -> bool:
        """Whether there is room."""
        return self.total <= self.available


def use_of(scenario: MemScenario) -> Use:
    """How the scenario runs the model. Raises ValueError for a cache format that isn't known."""
    k, _, v = scenario.kv_type.partition("/")
    return Use(scenario.ctx, k, v or k, scenario.seqs)


def running_terms(arch: Mapping[str, Any], use: Use) -> list[tuple[str, Term]]:
    """The terms that depend on how a model is run."""
    from qtui.compute.memory.buffers import compute_term
    from qtui.compute.memory.cache import kv_terms, state_terms

    found = [("kv", term) for term in kv_terms(arch, use)] + [("state", term) for term in state_terms(arch, use)]
    return [*found, ("compute", compute_term(arch, use))]


def solve(scenario: MemScenario, progress: Progress | None = None) -> MemResult:
    """Memory of the scenario's model. Raises ValueError for a model or format that isn't known."""
    from qtui.compute.memory.weights import weigh
    from qtui.models.catalogue_resolve import resolve

    model = resolve(" ".join(scenario.model))
    use = use_of(scenario)
    if model.arch is None:
        return _counted(scenario, model)
    weights = weigh(model.arch, scenario.format, model.dtype)
    terms = [("weights", Term(f"weights, {s.part}", s.formula, s.bytes, weights.why)) for s in weights.shares]
    fixed = sum(term.bytes for _, term in terms)
    available = available_memory()
    best = largest_context(model.arch, use, available - fixed, model.context)
    terms += running_terms(model.arch, use)
    return MemResult(scenario, model, weights.label, weights.parameters, tuple(terms), available, best)


def _counted(scenario: MemScenario, model: Known) -> MemResult:
    from qtui.compute.memory.weights import stored_bytes

    kind = "bfloat16" if scenario.format == "native" else scenario.format
    size = stored_bytes(kind, (1, model.parameters))
    term = Term("weights", f"{model.parameters:,} in {kind}", size, "only the count is known: no layers, no cache")
    return MemResult(scenario, model, kind, model.parameters, (("weights", term),), available_memory(), 0)


def largest_context(arch: Mapping[str, Any], use: Use, room: int, limit: int | None) -> int:
    """The largest context, a multiple of 256 for each sequence, whose cache and buffers take at most `room` bytes."""
    step = 256 * use.sequences

    def fits(steps: int) -> bool:
        return sum(term.bytes for _, term in running_terms(arch, use._replace(context=steps * step))) <= room

    low, high = 0, (limit or 1 << 24) // step
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low * step


def available_memory() -> int:
    """Bytes of memory that can be had now, as Linux counts it. Elsewhere psutil is asked."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    import psutil

    return int(psutil.virtual_memory().available)
