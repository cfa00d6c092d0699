"""From a Memory Scenario to its Result."""

from __future__ import annotations

from qtui.compute.formats import FormatError
from qtui.compute.memory.fit import Budget
from qtui.compute.memory.placement import places_of
from qtui.compute.memory.serving import Serving
from qtui.compute.memory.sizes import row_bytes
from qtui.models.machine.machine import Machine
from qtui.scenario.base import UserError
from qtui.scenario.memory.answer import solve_case
from qtui.scenario.memory.cache import CachedModel, MemoryCache
from qtui.scenario.memory.case import MemoryCase
from qtui.scenario.memory.machine import card_rooms, card_shares
from qtui.scenario.memory.plans import solve_plans
from qtui.scenario.memory.result import MemoryResult
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.progress import Progress

# What an idle desktop holds of a machine's RAM where what is in use isn't known: 2 to 4 GiB are usual.
SYSTEM = 3 << 30


def solve(
    scenario: MemoryScenario, progress: Progress | None = None, cache: MemoryCache | None = None
) -> MemoryResult:
    """Memory of the Scenario's models in its formats: the first, and `others` to compare it with.

    A `cache` spares looking the same models and machine up again. Raises UserError, or another QtuiError, for
    what can't be used.
    """
    cache = cache or MemoryCache()
    places_of(0, scenario.override_tensor)  # wrong ones are refused where no card is, too
    serving = serving_of(scenario)
    machine = used_cards(cache.machine(scenario, progress), scenario)
    budget = budget_of(machine, serving, scenario)
    results = [
        solve_case(MemoryCase(scenario, model, spec, _in_full(serving, model), machine, budget))
        for model in cache.models(scenario)
        for spec in scenario.formats
    ]
    return results[0]._replace(others=tuple(results[1:]))


def with_plans(result: MemoryResult, cached: CachedModel | None = None) -> MemoryResult:
    """`result` with the named plans for its model. `cached` is its model, made anew where none is given."""
    cached = cached or CachedModel(result.model, result.draft)
    case = MemoryCase(result.scenario, cached, result.spec, result.serving, result.machine, result.budget)
    return result._replace(plans=solve_plans(case))


def with_training(result: MemoryResult, cached: CachedModel) -> MemoryResult:
    """`result` with ways to train its model. Raises UserError where the model's layers aren't known."""
    from qtui.scenario.memory.training import solve_training  # few questions are about it

    case = MemoryCase(result.scenario, cached, result.spec, result.serving, result.machine, result.budget)
    return result._replace(training=solve_training(case))


def solve_with_plans(
    scenario: MemoryScenario, progress: Progress | None = None, cache: MemoryCache | None = None
) -> MemoryResult:
    """The same as `solve`, with the plans unless models are compared."""
    cache = cache or MemoryCache()
    result = solve(scenario, progress, cache)
    if result.others:
        return result
    result = with_plans(result, cache.models(scenario)[0])
    return with_training(result, cache.models(scenario)[0]) if scenario.train else result


def serving_of(scenario: MemoryScenario) -> Serving:
    """How the Scenario runs its model. Raises UserError for a cache format that isn't known."""
    k, _, v = scenario.kv_type.lower().partition("/")
    serving = Serving(
        context=scenario.ctx,
        k_type=k.strip(),
        v_type=v.strip() or k.strip(),
        sequences=scenario.seqs,
        unified=scenario.unified,
        ubatch=scenario.ubatch,
        swa_full=scenario.swa_full,
        flash=scenario.flash,
        rollback=scenario.mtp,
        engine=scenario.engine,
    )
    for kind in (serving.k_type, serving.v_type):
        try:
            row_bytes(kind, 1024)
        except FormatError as error:
            raise UserError(f"the KV cache can't be {kind!r}: {error}") from None
    return serving


def used_cards(machine: Machine, scenario: MemoryScenario) -> Machine:
    """`machine` with the cards that vLLM is told to use. Raises UserError where there are fewer."""
    wanted, there = scenario.tensor_parallel * scenario.pipeline_parallel, len(machine.gpus)
    if scenario.engine != "vllm" or not scenario.tensor_parallel:
        return machine
    if wanted > max(there, 1):
        raise UserError(f"{wanted} cards are asked for and there are {there}; --machine '{wanted}x H100' has as many")
    return machine._replace(gpus=machine.gpus[:wanted])


def budget_of(machine: Machine, serving: Serving, scenario: MemoryScenario) -> Budget:
    """The memory to fit into: of cards that hold given shares, as much as there is when the first of them is full."""
    rooms = card_rooms(machine, scenario)
    shares = card_shares(scenario, len(rooms))
    gpu = min(int(room / share) for room, share in zip(rooms, shares, strict=True) if share) if shares else sum(rooms)
    ram = machine.ram_available
    if ram == machine.ram_total and not scenario.ram:
        ram -= min(SYSTEM, ram // 4)
    if machine.unified and machine.gpu_share:
        ram = min(ram, machine.gpu_share)
    kind = "apple-mlx" if serving.engine == "mlx" and machine.kind == "apple-gpu" else machine.kind
    gpu_kind = machine.gpus[0].kind if machine.gpus else "nvidia"
    return Budget(gpu, ram, _cards_bandwidth(machine), machine.bandwidth, machine.swept, gpu_kind, kind)


def _cards_bandwidth(machine: Machine) -> int | None:
    """Bytes per second at which cards read one after the other what is dealt out by their memory."""
    seconds = 0.0
    for card in machine.gpus:
        if not card.bandwidth:
            return None
        seconds += card.free / card.bandwidth
    return round(machine.vram_free / seconds) if seconds else None


def _in_full(serving: Serving, cached: CachedModel) -> Serving:
    """The largest context that the model was trained for, where that was asked for."""
    return serving if serving.context else serving._replace(context=cached.model.context or MemoryScenario().ctx)
