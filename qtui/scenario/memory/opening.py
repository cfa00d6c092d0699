"""What the Memory pane opens on: a well-known model that fits the machine, run as its balanced plan says."""

from __future__ import annotations

from dataclasses import replace

from qtui.compute.memory.fit import Budget
from qtui.compute.memory.ranking import NOTICEABLE
from qtui.error import QtuiError
from qtui.scenario.memory.cache import MemoryCache
from qtui.scenario.memory.case import MemoryCase
from qtui.scenario.memory.plans import solve_plans
from qtui.scenario.memory.result import Plan
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.memory.solve import budget_of, serving_of

ESSAY = ("Qwen3-Coder-Next",)  # the model that the essay begins with: 80 billion parameters
SHARED = (8, 10)  # of the RAM, what a first model may take
# Models to open on, the largest first, each with the context to open it at.
FIRST = (
    ("Qwen3-30B-A3B-Instruct-2507", 32768),
    ("Qwen3-14B", 32768),
    ("Qwen3-8B", 32768),
    ("Qwen3-4B-Instruct-2507", 16384),
    ("Qwen3-1.7B", 8192),
    ("Qwen3-0.6B", 4096),
    ("SmolLM2-135M-Instruct", 2048),
)


def opening(machine: str = "") -> MemoryScenario:
    """The first Scenario for the machine called `machine`, this one where that is empty.

    The first of `FIRST` whose balanced plan fits whole and loses little; the essay's model where none does.
    """
    start = MemoryScenario(machine=machine)
    cache = MemoryCache()
    try:
        place = cache.machine(start, None)
    except QtuiError:
        return start  # the pane says what is wrong with the machine
    for name, context in FIRST:
        scenario = replace(start, model=(name,), ctx=context)
        serving = serving_of(scenario)
        budget = budget_of(place, serving, scenario)
        case = MemoryCase(scenario, cache.models(scenario)[0], "native", serving, place, budget)
        plan = next((plan for plan in solve_plans(case) if plan.name == "balanced"), None)
        if plan is not None and plan.fits and _comfortable(plan, budget):
            return replace(scenario, **plan.change)
    return start


def _comfortable(plan: Plan, budget: Budget) -> bool:
    """Whether it loses little and, without a card of its own, leaves some memory to everything else that runs."""
    least = budget.limit if budget.gpu else budget.limit * SHARED[0] // SHARED[1]
    return plan.loss is not None and plan.loss < NOTICEABLE and plan.total_bytes <= least
