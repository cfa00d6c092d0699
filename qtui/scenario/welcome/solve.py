"""What the welcome shows, worked out in steps: the machine and the large model, then files, then what fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from qtui.compute.memory.mixes import MIXES
from qtui.compute.memory.ranking import USABLE
from qtui.scenario.memory.cache import MemoryCache
from qtui.scenario.memory.here import largest_first
from qtui.scenario.memory.result import MemoryResult, ModelHere
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.memory.solve import solve as solve_memory
from qtui.scenario.progress import Progress
from qtui.scenario.tour.load import load_lesson
from qtui.scenario.tour.progress import load_progress
from qtui.scenario.welcome.files import files_here
from qtui.scenario.welcome.result import LargeSize, WelcomeResult
from qtui.scenario.welcome.scenario import FORMATS, LARGE, WelcomeScenario

CONTEXT = 32 << 10  # tokens that the model that fits can take
LITTLE = 0.06  # nats, mean divergence: what Q4_K_M and better lose of Llama 3 8B, and some more
MOST = 10  # models that run well
SHARE = 0.92  # of the memory there is: the rest is for what else runs


def solve(
    scenario: WelcomeScenario,
    progress: Progress | None = None,
    grow: Callable[[WelcomeResult], None] | None = None,
    cache: MemoryCache | None = None,
) -> WelcomeResult:
    """The welcome; `grow` gets what is known so far. Raises QtuiError for a machine that isn't known."""
    cache = cache or MemoryCache()
    asked = MemoryScenario(machine=scenario.machine, ram=scenario.ram, vram=scenario.vram)
    large = solve_memory(replace(asked, model=(LARGE,), format=",".join(FORMATS)), progress, cache)
    result = WelcomeResult(
        scenario=scenario,
        machine=large.machine,
        room=large.budget.limit,
        large_name=large.model.name,
        large_parameters=large.weights.parameters,
        large=tuple(_size(answer) for answer in (large, *large.others)),
        memory=replace(asked, model=(LARGE,), format="Q4_K_M"),
        tour_step=load_progress().step,
        tour_steps=len(load_lesson("").steps),
    )
    if grow is not None:
        grow(result)
    if scenario.files:
        result = replace(result, files=files_here(scenario.folder))
        if grow is not None:
            grow(result)
    for row in _fitting(replace(asked, ctx=CONTEXT), large.budget.limit, cache):
        if result.fit is not None:
            result = replace(result, also=(*result.also, row))
            continue
        change = row.plan.change | {"model": (f"{row.model},{LARGE}",)}
        result = replace(result, fit=row, memory=replace(asked, view="compare", **change))
        if grow is not None:
            grow(result)
    return replace(result, complete=True)


def _fitting(scenario: MemoryScenario, room: int, cache: MemoryCache) -> Iterator[ModelHere]:
    """The largest models that run well with that context, else the largest with the most that it was made for."""
    first, count = None, 0
    for row in largest_first(scenario, cache):
        if not _suits(row, room):
            continue
        first = first or row
        if row.plan.context >= scenario.ctx:
            yield row
            count += 1
            if count == MOST:
                return
    if first is not None and not count:
        yield first


def _size(result: MemoryResult) -> LargeSize:
    """The large model in one format."""
    return LargeSize(
        format=result.format,
        bits=8 * result.bytes("weights") / result.weights.parameters,
        bytes=result.bytes("weights"),
        fits=result.fits,
        split=result.split,
    )


def _suits(row: ModelHere, room: int) -> bool:
    """Whether a model runs well: all of it in the fast memory, little lost, and as fast as one reads, if known."""
    plan = row.plan
    lost = plan.quality.kld_mean if plan.quality else None
    return (
        plan.fits
        and plan.total_bytes <= SHARE * room
        and plan.format in MIXES
        and lost is not None
        and lost <= LITTLE
        and (plan.speed is None or plan.speed.low >= USABLE)
    )
