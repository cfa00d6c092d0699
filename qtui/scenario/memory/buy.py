"""What one would have to buy: the smallest machines of the list, and cards for this one, on which a model runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from qtui.compute.memory.ranking import NOTICEABLE, USABLE
from qtui.error import QtuiError
from qtui.models.machine.list import CARDS, GIB, MACHINES, Card
from qtui.models.machine.machine import Machine
from qtui.models.machine.named import named
from qtui.scenario.base import UserError
from qtui.scenario.memory.cache import CachedModel, MemoryCache
from qtui.scenario.memory.case import MemoryCase
from qtui.scenario.memory.plans import solve_plans
from qtui.scenario.memory.result import BuyResult, MachineToBuy, Plan
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.memory.solve import budget_of, serving_of
from qtui.scenario.progress import Progress

LIKED = ("balanced", "best quality", "fastest")  # plans, the first first


def solve_buy(
    scenario: MemoryScenario, progress: Progress | None = None, cache: MemoryCache | None = None
) -> BuyResult:
    """Machines and upgrades on which the Scenario's model runs in its context, at its least speed or a reader's pace.

    The smallest first, by the memory that the model is read from. Raises UserError for a model whose layers aren't
    known.
    """
    cache = cache or MemoryCache()
    model = cache.models(scenario)[0]
    if model.model.arch is None:
        raise UserError("what would run it is not known without the model's layers; name a model or its --arch")
    speed = scenario.min_speed or USABLE
    own = cache.machine(scenario, progress)
    offered = list(_offered(own, scenario))
    rows = []
    for i, (kind, machine, named_as) in enumerate(offered):
        if progress is not None:
            progress.tick(i, len(offered), "trying machines")
        plan = _plan_on(scenario, model, machine, speed)
        if plan is not None:
            rows.append(MachineToBuy(machine.name, kind, machine.vram_total or machine.ram_total, plan, named_as))
    rows.sort(key=lambda row: (row.memory, -(row.plan.speed.low if row.plan.speed else 0.0), row.machine))
    return BuyResult(scenario, model.model.name, own, speed, tuple(rows), len(offered))


def _offered(own: Machine, scenario: MemoryScenario) -> Iterator[tuple[str, Machine, dict[str, str]]]:
    """(kind, machine, how it is named) of all that could be bought: machines of the list, and cards for `own`."""
    for machine in MACHINES:
        yield "machine", machine, {"machine": machine.name, "ram": "", "vram": ""}
    if own.unified or not own.gpus:
        return  # a PC with one card is in the list
    for card in (card for card in CARDS if "laptop" not in card.name):
        added = own._replace(name=f"{card.name} in addition", gpus=(*own.gpus, card.gpu))
        yield "card", added, _named_with(own, card, scenario)


def _named_with(own: Machine, card: Card, scenario: MemoryScenario) -> dict[str, str]:
    """What pretends `own` with one more card: the cards by their names, by their free memory where they have none."""
    names = " + ".join((*(gpu.name for gpu in own.gpus), card.name))
    ram = "" if scenario.ram else f" + {round(own.ram_total / GIB)}GB RAM"
    try:
        machine = named(f"{names}{ram}")
    except QtuiError:
        sizes = ",".join(f"{gpu.free / 10**9:.2f}GB" for gpu in (*own.gpus, card.gpu))
        return {"machine": "", "ram": scenario.ram or f"{own.ram_available / 10**9:.2f}GB", "vram": sizes}
    return {"machine": machine.name, "ram": scenario.ram, "vram": ""}


def _plan_on(scenario: MemoryScenario, model: CachedModel, machine: Machine, speed: float) -> Plan | None:
    """The first plan that is quick enough and does not lose much, None where none is."""
    serving = serving_of(scenario)
    budget = budget_of(machine, serving, scenario)
    if model.model.parameters * 2 > (budget.gpu + budget.ram) * 8:
        return None  # two bits a weight have no room
    scenario = replace(scenario, min_speed=int(speed))
    plans = {plan.name: plan for plan in solve_plans(MemoryCase(scenario, model, "native", serving, machine, budget))}
    for name in LIKED:
        plan = plans.get(name)
        quick = plan is not None and plan.speed is not None and plan.speed.low >= speed
        if plan is not None and quick and (plan.loss is None or plan.loss < NOTICEABLE):
            return plan
    return None
