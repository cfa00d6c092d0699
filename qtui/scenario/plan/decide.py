"""From what was measured to a plan: the budget, what is decided by hand, the allocation, the mixes beside it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path

from qtui.compute.errors.moments import decibels
from qtui.compute.memory import mixes
from qtui.compute.memory.tensors import WeightTensor, gathered
from qtui.compute.plan import Item, Option, TooSmallError, allocate, frontier
from qtui.models.machine.machine import parse_size
from qtui.models.tensors.names import find
from qtui.models.tensors.roles import split_name
from qtui.scenario.base import UserError
from qtui.scenario.formats import named_format
from qtui.scenario.plan.measure import plan_formats
from qtui.scenario.plan.result import Mix, Part, PlanMeasurement, PlanResult, PlanRow
from qtui.scenario.plan.scenario import DEFAULT_MIX, PlanScenario
from qtui.scenario.plan.sensitivity import factors

ALIGNMENT = 32  # GGUF's; between two tensors


def decide(scenario: PlanScenario, measured: PlanMeasurement) -> PlanResult:
    """The plan for `scenario`. Raises UserError where nothing fits, or a decision by hand can't be followed."""
    parts = measured.parts
    allowed = plan_formats(scenario)
    pinned = by_hand(scenario.set, parts)
    choices = {part.name: _choices(part, allowed, bool(scenario.format)) for part in parts}
    items = [Item(part.name, _options(part, choices[part.name], pinned.get(part.name))) for part in parts]
    sensitivities = factors(scenario.sensitivity, parts)
    kept = sum(_aligned(size) for _, size in measured.kept)
    mixed = named_mixes(measured, kept)
    budget, reason = _budget(scenario, mixed, measured.model.parameters)
    try:
        allocation = allocate([_weighed(item, sensitivities) for item in items], budget - kept)
    except TooSmallError:
        raise _too_small(scenario, items, kept, budget) from None
    chosen = tuple(_of(item, option) for item, option in zip(items, allocation.chosen, strict=True))
    nbytes, planned = allocation.nbytes + kept, float(measured.planned_weights)
    curve = tuple((size + kept, decibels(planned, loss)) for size, loss in frontier(items))
    compared = tuple(_beside(mix, curve, budget) for mix in mixed if math.isfinite(mix.loss))
    loss = sum(option.loss for option in chosen)
    quality = decibels(planned, loss)
    fitting = [mix for mix in compared if mix.fits]
    best = min(fitting, key=lambda mix: mix.loss) if fitting else None
    decided = {decision.rpartition("=")[0] for decision in scenario.set}
    return PlanResult(
        scenario=scenario,
        model=measured.model,
        parts=parts,
        chosen=chosen,
        budget=budget,
        reason=reason,
        kept=len(measured.kept),
        kept_bytes=kept,
        nbytes=nbytes,
        bits_per_weight=8 * nbytes / max(measured.model.parameters, 1),
        sqnr_db=quality,
        noise=loss / max(measured.planned_weights, 1),
        gap=allocation.gap,
        frontier=curve,
        mixes=compared,
        best_mix=best,
        gain=quality - best.sqnr_db if best is not None else math.nan,
        tensors=_rows([part.name for part in parts], parts, chosen, choices, decided),
        roles=_rows([split_name(part.name)[1] for part in parts], parts, chosen, choices, decided),
        sampled=measured.sampled,
        quantized=measured.quantized,
        weighed=measured.weighed,
        warnings=measured.warnings,
    )


def _rows(
    keys: Sequence[str],
    parts: Sequence[Part],
    chosen: Sequence[Option],
    choices: Mapping[str, list[str]],
    decided: Set[str],
) -> tuple[PlanRow, ...]:
    """A row for each different key of the parts; those of `decided` were decided by hand."""
    groups: dict[str, list[int]] = {}
    for index, key in enumerate(keys):
        groups.setdefault(key, []).append(index)
    return tuple(
        _row(key, [parts[i] for i in members], [chosen[i] for i in members], choices, key in decided)
        for key, members in groups.items()
    )


def _weighed(item: Item, sensitivities: Mapping[str, float]) -> Item:
    """`item` with its losses multiplied by the model's sensitivity to them; itself where none was measured."""
    if not sensitivities:
        return item
    factor = sensitivities[item.name]
    return Item(item.name, tuple(replace(option, loss=factor * option.loss) for option in item.options))


def _of(item: Item, chosen: Option) -> Option:
    """The option of `item` in the format that was chosen, with its own loss."""
    return next(option for option in item.options if option.format == chosen.format)


def _too_small(scenario: PlanScenario, items: Sequence[Item], kept: int, budget: int) -> UserError:
    least = kept + sum(min(option.nbytes for option in item.options) for item in items)
    unit, name = (10**9, "GB") if budget >= 10**9 else (10**6, "MB")
    given = f"{math.floor(100 * budget / unit) / 100:.2f}" if budget >= unit // 100 else f"{budget:,} bytes"
    return UserError(
        f"{Path(scenario.path).name} needs at least {math.ceil(100 * least / unit) / 100:.2f} {name} in these types, "
        f"not {given}; allow more, or smaller types"
    )


def _choices(part: Part, allowed: Sequence[str], given: bool) -> list[str]:
    """The types that a part may get: of those `allowed`, and unless they were `given` the one it is stored in."""
    more = [part.stored] if part.stored and not given else []
    return [kind for kind in dict.fromkeys((*allowed, *more)) if kind in part.loss]


def _row(
    key: str, parts: Sequence[Part], chosen: Sequence[Option], choices: Mapping[str, list[str]], pinned: bool
) -> PlanRow:
    able = [kind for kind in choices[parts[0].name] if all(kind in choices[part.name] for part in parts)]
    able.sort(key=lambda kind: (parts[0].nbytes[kind], -parts[0].loss[kind]))
    weights = float(sum(part.weights for part in parts if part.valid))
    return PlanRow(
        key,
        sum(option.nbytes for option in chosen),
        decibels(weights, sum(option.loss for option in chosen)),
        tuple(Counter(option.format for option in chosen).most_common()),
        tuple(able),
        pinned,
    )


def _options(part: Part, choices: Sequence[str], pinned: str | None) -> tuple[Option, ...]:
    kinds = [pinned] if pinned is not None else list(choices)
    # What no type on the list can store goes where llama.cpp puts it, or into any type that can.
    kinds = kinds or [kind for kind in ("F16", *part.loss) if kind in part.loss][:1]
    if not kinds:
        raise UserError(f"none of these types can store {part.name}; add F16 with --format")
    return tuple(_option(part, kind) for kind in kinds)


def _option(part: Part, kind: str) -> Option:
    return Option(kind, _aligned(part.nbytes[kind]), part.loss[kind])


def _aligned(size: int) -> int:
    return size + -size % ALIGNMENT


def by_hand(decisions: Sequence[str], parts: Sequence[Part]) -> dict[str, str]:
    """Types decided by hand, by part; later decisions count. Raises UserError for one that can't be followed."""
    pinned: dict[str, str] = {}
    for decision in decisions:
        words, sign, kind = decision.rpartition("=")
        if not sign or not words.strip():
            raise UserError(f"a decision is a name and a type such as ffn_down=Q6_K, not {decision!r}")
        name = named_format(kind).name
        by_name = {part.name: part for part in parts}
        role = [part.name for part in parts if split_name(part.name)[1] == words]
        matched = [words] if words in by_name else role or find(words, by_name)
        if not matched:
            raise UserError(f"no tensor of the plan matches {words!r}")
        for tensor in matched:
            if name not in by_name[tensor].loss:
                known = ", ".join(by_name[tensor].loss)
                raise UserError(f"{tensor} can't be {name} here; it can be {known}")
            pinned[tensor] = name
    return pinned


def _beside(mix: Mix, curve: Sequence[tuple[int, float]], budget: int) -> Mix:
    """`mix` beside the frontier; between two points of it a mix can be a hair better."""
    best = max((quality for size, quality in curve if size <= mix.nbytes), default=-math.inf)
    return replace(mix, best_db=max(best, mix.sqnr_db), fits=mix.nbytes <= budget)


def named_mixes(measured: PlanMeasurement, kept: int) -> tuple[Mix, ...]:
    """llama.cpp's mixes whose types were all measured, by size; the loss is infinite where one destroys weights."""
    tensors = gathered((part.layer, WeightTensor(part.name, part.shape, "other")) for part in measured.parts)
    shape = shape_of(measured)
    by_name = {part.name: part for part in measured.parts}
    compared = []
    for mix in mixes.MIXES:
        chosen = mixes.choose_all(mix, shape, tensors, imatrix=bool(measured.weighed))
        types = [(by_name[same.tensor.name], kind) for same, kind in chosen]
        if any(kind not in part.nbytes for part, kind in types):
            continue
        loss = sum(part.loss.get(kind, math.inf) for part, kind in types)
        size = kept + sum(_aligned(part.nbytes[kind]) for part, kind in types)
        quality = decibels(float(measured.planned_weights), loss) if math.isfinite(loss) else -math.inf
        compared.append(Mix(mix, size, loss, quality))
    return tuple(sorted(compared, key=lambda mix: mix.nbytes))


def shape_of(measured: PlanMeasurement) -> mixes.MixShape:
    """What the rules of the mixes ask about the model, as far as its tensors tell."""
    rows: dict[str, int] = {}
    experts = 0
    layers: set[int] = set()
    for part in measured.parts:
        layer, role, _ = split_name(part.name)
        if layer is not None:
            layers.add(layer)
        rows.setdefault(role, part.shape[-2] if len(part.shape) > 1 else 1)
        if role.endswith("_exps") and len(part.shape) > 2:
            experts = max(experts, part.shape[0])
    queries, keys = rows.get("attn_q", 0), rows.get("attn_k", 0)
    group = queries // keys if keys else 1
    tied = not any(part.name == "output.weight" for part in measured.parts)
    count = max(layers, default=-1) + 1
    return mixes.MixShape(count, group, experts, tied, count == 80 and not experts)


def _budget(scenario: PlanScenario, compared: Sequence[Mix], parameters: int) -> tuple[int, str]:
    """Bytes for the tensors, and where the number is from."""
    if scenario.size and scenario.fit:
        raise UserError("give either --size or --fit, not both")
    if scenario.size:
        rate = re.fullmatch(r"(\d{1,2}(?:\.\d{1,4})?) ?bpw", scenario.size.strip().lower())
        return round(float(rate[1]) * parameters / 8) if rate else parse_size(scenario.size), "as given"
    if scenario.fit:
        return _fitting(scenario)
    for mix in compared:
        if mix.name == DEFAULT_MIX:
            return mix.nbytes, f"the size of {DEFAULT_MIX}"
    raise UserError("say how large the result may be: --size 6GB, or --fit 32k for this machine")


def _fitting(scenario: PlanScenario) -> tuple[int, str]:
    from qtui.scenario.memory.scenario import MemoryScenario, tokens
    from qtui.scenario.memory.solve import solve as estimate

    memory = estimate(MemoryScenario(model=(scenario.path,), ctx=tokens(scenario.fit)))
    running = sum(memory.bytes(group) for group in ("kv", "state", "compute"))
    limit = memory.budget.limit
    if running >= limit:
        raise UserError(
            f"{scenario.fit} of context alone take {running / 1e9:.2f} of {limit / 1e9:.2f} GB; ask for less"
        )
    text = f"{limit / 1e9:.2f} GB here, less {running / 1e9:.2f} for {scenario.fit} of context"
    return limit - running, text
