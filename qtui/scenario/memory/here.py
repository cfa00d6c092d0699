"""Which models of the catalogue run on a machine, each with its balanced plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from qtui.compute.memory.ranking import TOLERABLE, USABLE
from qtui.models.catalogue.records import Catalogue, CatalogueModel, from_record
from qtui.models.machine.machine import Machine
from qtui.scenario.base import UserError
from qtui.scenario.memory.cache import CachedModel, MemoryCache
from qtui.scenario.memory.case import MemoryCase
from qtui.scenario.memory.plans import solve_plans
from qtui.scenario.memory.result import HereResult, ModelHere
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.memory.solve import budget_of, serving_of
from qtui.scenario.progress import Progress

_CODE = ("coder", "devstral", "code")
# Models whose cards describe a thinking mode; of one name, those called instruct or coder are without it.
_REASONING = (
    "-r1", "qwq", "-think", "gpt-oss", "magistral", "qwen3-", "qwen3.5", "qwen3.6", "deepseek-v3.1", "deepseek-v3.2",
    "deepseek-v4", "glm-z1", "glm-4.5", "glm-4.6", "glm-4.7", "glm-5", "kimi-k2.", "minimax-m", "ring-1t",
    "nemotron-nano-9b", "nemotron-3", "smollm3", "exaone-4", "mistral-medium-3.5",
)  # fmt: skip
_BASE = ("-base", "gpt2", "llama-2-7b-hf", "mistral-7b-v0.1", "olmoe-1b-7b-0924")  # all others are tuned to answer


def kinds_of(record: CatalogueModel) -> tuple[str, ...]:
    """What a model is, by its name and its parts."""
    name = record.id.lower()

    def has(words: tuple[str, ...]) -> bool:
        return any(word in name for word in words)

    kinds = ["code"] if has(_CODE) else []
    kinds += ["reasoning"] if has(_REASONING) and not has(("instruct", "coder", "embedding")) else []
    kinds += ["embedding"] if has(("embedding",)) else ["base"] if has(_BASE) else ["chat"]
    kinds += ["vision"] if record.arch.vision is not None else []
    return (*kinds, *(["MoE"] if record.arch.experts else []))


ORDERS: dict[str, tuple[str, Callable[[ModelHere], tuple[float | str, ...]]]] = {
    "": (
        "by parameters, then by release, slow ones last",
        lambda row: (row.parameters, row.released),
    ),
    "speed": ("by speed", lambda row: (row.plan.speed.low if row.plan.speed else 0.0, row.parameters)),
    "long": ("by context, then by parameters", lambda row: (row.plan.context, row.parameters)),
}


def solve_here(
    scenario: MemoryScenario, progress: Progress | None = None, cache: MemoryCache | None = None
) -> HereResult:
    """Every model that runs with the least context and at the least speed that the Scenario asks for.

    Raises UserError where a speed is asked for and the machine's bandwidth isn't known.
    """
    cache = cache or MemoryCache()
    machine = cache.machine(scenario, progress)
    serving = serving_of(scenario)
    budget = budget_of(machine, serving, scenario)
    known = budget.gpu_bandwidth if budget.gpu else budget.ram_bandwidth
    if scenario.min_speed and not known:
        raise UserError("the memory's bandwidth is not known; --measure measures it, --machine names a machine")
    every = cache.here.get(here_key(scenario), lambda: _every_row(scenario, machine, progress))
    words = scenario.find.lower().split()
    rows = tuple(row for row in every if all(word in _text_of(row) for word in words))
    listed = {row.model for row in rows}
    others = tuple(row for row in every if row.model not in listed)
    order = ORDERS.get(scenario.purpose, ORDERS[""])[0]
    return HereResult(scenario, machine, order, rows, len(Catalogue().ids), others)


def here_key(scenario: MemoryScenario) -> MemoryScenario:
    """`scenario` with the fields cleared that the list of models that run does not depend on."""
    return replace(scenario, model=(), format="", kv_type="", view="here", find="", here=True)


def _text_of(row: ModelHere) -> str:
    """What the words of a search are looked for in."""
    return (
        f"{row.model} {' '.join(row.kinds)} {row.plan.format} {row.plan.kv_type} {row.released} {row.licence}".lower()
    )


def _every_row(scenario: MemoryScenario, machine: Machine, progress: Progress | None) -> tuple[ModelHere, ...]:
    """The models that run, sorted as the Scenario's purpose says."""
    records = list(Catalogue().records())
    rows = []
    for i, record in enumerate(records):
        if progress is not None:
            progress.tick(i, len(records), "working out what runs")
        row = _row(scenario, record, machine)
        if row is not None:
            rows.append(row)
    key = ORDERS.get(scenario.purpose, ORDERS[""])[1]
    rows.sort(key=lambda row: (_tolerable(row) + _usable(row), *key(row)), reverse=True)
    return tuple(rows)


def largest_first(scenario: MemoryScenario, cache: MemoryCache | None = None) -> Iterator[ModelHere]:
    """The models that run, one by one as they are worked out: the most parameters first, then the latest."""
    machine = (cache or MemoryCache()).machine(scenario, None)
    records = sorted(
        Catalogue().records(), key=lambda record: (record.parameters, record.released or ""), reverse=True
    )
    for record in records:
        row = _row(scenario, record, machine)
        if row is not None:
            yield row


def _usable(row: ModelHere) -> bool:
    """Whether it is written about as fast as one reads, as far as that is known."""
    return row.plan.speed is None or row.plan.speed.high >= USABLE


def _tolerable(row: ModelHere) -> bool:
    """Whether the plan's format does not lose much: those that do come last."""
    quality = row.plan.quality
    return quality is None or (quality.kld_mean or 0.0) <= TOLERABLE


def _row(scenario: MemoryScenario, record: CatalogueModel, machine: Machine) -> ModelHere | None:
    """A model with its plan, None where it doesn't run or isn't what is asked for."""
    kinds = kinds_of(record)
    if scenario.purpose in ("chat", "code", "vision", "reasoning") and scenario.purpose not in kinds:
        return None
    context = max(scenario.min_context, min(scenario.ctx or 8192, record.context or 1 << 20))
    if record.context and context > record.context:
        return None
    serving = serving_of(scenario)._replace(context=context)
    budget = budget_of(machine, serving, scenario)
    if record.parameters * 2 > (budget.gpu + budget.ram) * 8:
        return None  # two bits a weight have no room
    cached = CachedModel(from_record(record))
    case = MemoryCase(replace(scenario, ctx=context), cached, "native", serving, machine, budget)
    wanted = (
        "longest context" if scenario.purpose == "long" else "fastest" if scenario.purpose == "speed" else "balanced"
    )
    plan = next((plan for plan in solve_plans(case) if plan.name == wanted), None)
    if plan is None or (scenario.min_speed and (plan.speed is None or plan.speed.low < scenario.min_speed)):
        return None
    return ModelHere(record.id, record.parameters, record.released or "", record.licence, kinds, plan)
