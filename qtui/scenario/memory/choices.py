"""What else could be asked: formats by contexts, the next step, and the machines that would hold the model."""

from __future__ import annotations

from typing import Literal

from qtui.compute.memory.ranking import NOTICEABLE
from qtui.error import QtuiError
from qtui.models.machine.list import simulated
from qtui.scenario.memory.asked import GridCell, GridRow, MachineCount, MemoryChoices, Remedy
from qtui.scenario.memory.cache import CachedModel, MemoryCache
from qtui.scenario.memory.case import MemoryCase
from qtui.scenario.memory.plans import solve_plans
from qtui.scenario.memory.result import MemoryResult, Plan
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.memory.solve import solve, with_plans, with_training
from qtui.scenario.progress import Progress

GRID_FORMATS = {
    "llama.cpp": ("native", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "IQ4_XS", "Q3_K_M", "Q2_K", "IQ2_M"),
    "vllm": ("native", "float8_e4m3fn", "nvfp4", "int4:block=128,scale=fp16"),
    # mlx_lm's affine groups of 64 with a 16-bit scale and bias.
    "mlx": ("native", *(f"int{bits}:asym,block=64,scale=fp16" for bits in (8, 6, 4, 3))),
}
GRID_CONTEXTS = tuple(1 << n for n in range(12, 21))
MACHINES = ("RTX 4090", "RTX 5090", "H100", "H200", "B200", "Mac Studio M3 Ultra 512GB", "EPYC 9004 768GB")
MACHINE_FORMATS = ("native", "Q8_0", "Q4_K_M", "Q2_K")
# What each engine's models are usually quantized to: the format that a smaller model is thought of in.
USUAL = {"llama.cpp": "Q4_K_M", "vllm": "nvfp4", "mlx": "int4:asym,block=64,scale=fp16"}


def about_fits(parameters: int, limit: int) -> bool:
    """Whether so many parameters have room in `limit` bytes in about 4 bits a weight: 5 with what is beside them."""
    return parameters * 5 <= limit * 8


def solve_with_choices(
    scenario: MemoryScenario, progress: Progress | None = None, cache: MemoryCache | None = None
) -> MemoryResult:
    """The same, with what else could be asked and what would help; without that where models are compared."""
    cache = cache or MemoryCache()
    result = solve(scenario, progress, cache)
    if result.others:
        return across_contexts(result, cache)
    model = cache.models(scenario)[0]
    result = with_plans(with_choices(result, model), model)
    result = with_training(result, model) if scenario.train or scenario.view == "train" else result
    return with_lesson(result, model) if scenario.view == "speed" else result


def across_contexts(result: MemoryResult, cache: MemoryCache | None = None) -> MemoryResult:
    """A comparison with what each model and format takes at other contexts, and the plans of each model."""
    models = (cache or MemoryCache()).models(result.scenario)
    every = (result, *result.others)
    widest = max((answer.model.context or 0 for answer in every), default=0) or 1 << 17
    contexts = tuple(sorted({*(context for context in GRID_CONTEXTS if context <= widest), result.serving.context}))
    rows = []
    for i, answer in enumerate(every):
        model = models[i // len(result.scenario.formats)]
        case = MemoryCase(answer.scenario, model, answer.spec, answer.serving, answer.machine, answer.budget)
        plans = solve_plans(case) if i % len(result.scenario.formats) == 0 else ()
        rows.append(answer._replace(across=grid_row(case, contexts), plans=plans))
    return rows[0]._replace(others=tuple(rows[1:]))


def with_choices(result: MemoryResult, cached: CachedModel | None = None) -> MemoryResult:
    """`result` with its choices. `cached` is its model, made anew where none is given."""
    cached = cached or CachedModel(result.model, result.draft)
    case = MemoryCase(result.scenario, cached, result.spec, result.serving, result.machine, result.budget)
    return result._replace(choices=solve_choices(case, result))


def with_lesson(result: MemoryResult, cached: CachedModel | None = None) -> MemoryResult:
    """`result` with a published table of speeds."""
    from qtui.scenario.memory.lesson import solve_lesson  # few questions are about it

    cached = cached or CachedModel(result.model, result.draft)
    case = MemoryCase(result.scenario, cached, result.spec, result.serving, result.machine, result.budget)
    return result._replace(lesson=solve_lesson(case))


def solve_choices(case: MemoryCase, result: MemoryResult) -> MemoryChoices:
    """The choices beside `result`, the Result of `case`."""
    formats, contexts = _formats(case), _contexts(case)
    grid = _grid(case, formats, contexts)
    column = contexts.index(case.serving.context)
    best = _best_format(grid, column)
    shared = max((row for row in grid if row.cells[column].split), key=lambda row: row.bits, default=None)
    plan = _better(case, grid, best or (shared.format if shared else None))
    if plan is not None:
        step = _to_plan(case, plan)
        cache = plan.kv_type if plan.kv_type != case.scenario.kv_type else ""
        return MemoryChoices(
            formats, contexts, grid, plan.format, cache, not plan.fits, step, _machines(case, grid, column)
        )
    step = _next_step(case, result, grid, column, best)
    return MemoryChoices(formats, contexts, grid, best, "", False, step, _machines(case, grid, column))


def _better(case: MemoryCase, grid: tuple[GridRow, ...], best: str | None) -> Plan | None:
    """The balanced plan, where the best format that runs loses much and the plan's loses less."""
    row = next((row for row in grid if row.format == best), None)
    if row is None or row.quality is None or (row.quality.kld_mean or 0.0) <= NOTICEABLE:
        return None
    plan = next((plan for plan in solve_plans(case) if plan.name == "balanced"), None)
    if plan is None or plan.quality is None or plan.quality.kld_mean is None:
        return None
    lost = plan.quality.kld_mean + (plan.cache.at(plan.context) if plan.cache else 0.0)
    return plan if lost < (row.quality.kld_mean or 0.0) else None


def _to_plan(case: MemoryCase, plan: Plan) -> Remedy | None:
    """The step to a plan, None where the model is run so already."""
    if (plan.format, plan.kv_type) == (case.spec, case.scenario.kv_type):
        return None
    serving = case.serving._replace(k_type=plan.kv_type, v_type=plan.kv_type)
    need = case.at(plan.format)._replace(serving=serving).need()
    kind: Literal["format", "split"] = "format" if plan.fits else "split"
    cache = plan.kv_type if plan.kv_type != case.scenario.kv_type else ""
    return Remedy(kind, plan.format, 0, need.total, need.spare(case.budget), kv_type=cache)


def _formats(case: MemoryCase) -> tuple[str, ...]:
    """The formats worth comparing for the engine, the present one among them."""
    listed = GRID_FORMATS[case.serving.engine]
    if case.serving.engine == "llama.cpp" and case.model.dtype.startswith("mxfp4"):
        listed = ("native", "MXFP4_MOE", *listed[1:])
    shown = [spec for spec in listed if spec == case.spec or _possible(case, spec)]
    return tuple(shown if case.spec in shown else [case.spec, *shown])


def _possible(case: MemoryCase, spec: str) -> bool:
    try:
        case.cached.weigh(spec)
    except QtuiError:
        return False
    return True


def _contexts(case: MemoryCase) -> tuple[int, ...]:
    """Powers of two as far as the model was trained, and the present context."""
    most = case.model.context or 1 << 17
    listed = {context for context in GRID_CONTEXTS if context <= most}
    return tuple(sorted(listed | {min(most, GRID_CONTEXTS[-1]), case.serving.context}))


def _grid(case: MemoryCase, formats: tuple[str, ...], contexts: tuple[int, ...]) -> tuple[GridRow, ...]:
    """Formats by contexts: what each takes and whether it fits."""
    scenario = case.scenario
    beside = (scenario.mtp, scenario.vision, scenario.repack, case.machine.unified)
    placed = (scenario.n_cpu_moe, scenario.override_tensor, scenario.split_mode, scenario.tensor_split)
    key = (formats, contexts, case.serving._replace(context=0), case.budget, beside, placed)
    return case.cached.grids.get(key, lambda: tuple(grid_row(case.at(spec), contexts) for spec in formats))


def grid_row(case: MemoryCase, contexts: tuple[int, ...]) -> GridRow:
    """What the format of `case` takes at each of `contexts`, and what is known of it."""
    beside_bytes = sum(term.bytes for _, term in case.beside())
    cells = []
    for context in contexts:
        need = case.need(context, beside_bytes)
        fits = need.fits(case.budget)
        cells.append(GridCell(context, need.total, fits, not fits and case.at(case.spec, context).split()))
    weighed = case.weighed
    bits = 8 * weighed.bytes / max(1, weighed.parameters)
    quality = case.quality()
    return GridRow(case.spec, bits, weighed.bytes, tuple(cells), case.max_context(), quality)


def _best_format(grid: tuple[GridRow, ...], column: int) -> str | None:
    """The format of most bits that fits at the present context.

    The weights as published come first even where another format has more bits: those would hold nothing more.
    """
    fitting = [row for row in grid if row.cells[column].fits]
    if any(row.format == "native" for row in fitting):
        return "native"
    best = max(fitting, key=lambda row: (row.weight_bytes, row.format), default=None)
    return best.format if best is not None else None


def _next_step(
    case: MemoryCase, result: MemoryResult, grid: tuple[GridRow, ...], column: int, best: str | None
) -> Remedy | None:
    """The next step, None where the model has the best format already."""
    if best is not None:
        return None if best == case.spec else _to(case, "format", best)
    shared = [row for row in grid if row.cells[column].split]
    if shared:
        return None if result.split else _to(case, "split", max(shared, key=lambda row: row.bits).format)
    with_room = [row for row in grid if row.largest]
    if with_room:
        present = next((row for row in with_room if row.format == case.spec), None)
        row = present or max(with_room, key=lambda row: row.bits)
        return _to(case, "context", row.format, row.largest // 1024 * 1024 or row.largest)
    cells = [(cell.context, row.bits, row.format) for row in grid for cell in row.cells if cell.split]
    if cells:
        context, _, spec = max(cells)
        return _to(case, "split", spec, context)
    return _smaller_model(case, result, grid)


def _to(case: MemoryCase, kind: Literal["format", "context", "split"], spec: str, context: int = 0) -> Remedy:
    """The step to another format or context."""
    need = case.at(spec, context or None).need()
    return Remedy(kind, spec, context, need.total, need.spare(case.budget))


def _smaller_model(case: MemoryCase, result: MemoryResult, grid: tuple[GridRow, ...]) -> Remedy | None:
    smallest = min(grid, key=lambda row: row.bits)
    usual = next((row for row in grid if row.format == USUAL[case.serving.engine]), smallest)
    if not usual.bits:
        return None  # a file without weights of its own
    running = result.need.total - case.weighed.bytes
    parameters = max(0, case.budget.limit - running) * 8 / usual.bits
    need = case.at(smallest.format).need()
    return Remedy("model", smallest.format, 0, need.total, need.spare(case.budget), usual.format, int(parameters))


def _machines(
    case: MemoryCase, grid: tuple[GridRow, ...], column: int
) -> tuple[tuple[str, tuple[MachineCount, ...]], ...]:
    """How many of some well-known machines would hold it, for the present format and some others."""
    memories = []
    for name in MACHINES:
        machine = simulated(name)
        memories.append((name, machine.vram_total or machine.ram_total))
    shown = [row for row in grid if row.format in (case.spec, *MACHINE_FORMATS)]
    return tuple((row.format, _counts(row.cells[column].total, memories)) for row in shown)


def _counts(total: int, memories: list[tuple[str, int]]) -> tuple[MachineCount, ...]:
    return tuple(MachineCount(name, memory, -(-total // memory)) for name, memory in memories)
