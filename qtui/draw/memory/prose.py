"""The memory estimate in sentences, one fact each: what `--plain` says. The verdict comes before them."""

from __future__ import annotations

from qtui.draw.memory.buy import sold_as
from qtui.draw.memory.cards import facts as follows
from qtui.draw.memory.head import groups
from qtui.draw.memory.plans import same_as
from qtui.draw.memory.text import GROUP_NAMES, METHOD_NAMES, doubts, next_texts, rate, short_format, speed_texts
from qtui.draw.memory.words import lies, loss, sentence, short_sentence
from qtui.draw.units import decimal, short_count
from qtui.scenario.memory.result import BuyResult, HereResult, MemoryResult, Plan

_COUNTS = {"K": "thousand", "M": "million", "B": "billion", "T": "trillion"}


def estimate(result: MemoryResult) -> list[str]:
    """One model: what helps, the sum, what the view is about, the plans; several: a sentence each."""
    if result.others:
        lines = [text for answer in (result, *result.others) for text in _compared(answer)]
        return [_aloud(text) for text in (sentence(result, "compare"), *lines)]
    of_view = {"terms": _terms, "cards": _devices, "speed": _speed, "grid": _grid}.get(result.scenario.view)
    lines = [*next_texts(result)[:1], *_sum(result), *_training(result)]
    lines += of_view(result) if of_view is not None else []
    lines += [text for i, plan in enumerate(result.plans) for text in _plan(result, i, plan)]
    return [_aloud(text) for text in (*lines, *doubts(result), *result.notes)]


def models(result: HereResult) -> list[str]:
    """A sentence for each model that runs."""
    return [
        _aloud(
            f"{row.model}: {_count(row.parameters)} parameters, {short_sentence(_way(row.plan))}; "
            f"{', '.join(row.kinds) or 'of no kind that is known'}; released {row.released or 'at an unknown date'}"
        )
        for row in result.rows
    ]


def machines(result: BuyResult) -> list[str]:
    """A sentence for each machine that it runs on."""
    return [_aloud(f"{row.machine}, sold as {sold_as(row)}: {short_sentence(_way(row.plan))}") for row in result.rows]


def _aloud(text: str) -> str:
    """`text` with what is written by a stroke in words."""
    return text.replace("tokens/s", "tokens a second").replace("GB/s", "GB a second")


def _way(plan: Plan, stored: bool = False) -> str:
    """How a plan runs, what it takes, and what it loses."""
    native = "as stored" if stored else "as published"
    format_name = native if plan.format == "native" else f"in {short_format(plan.format)}"
    size = decimal(plan.total_bytes)
    return f"{format_name}, cache {plan.kv_type}, {plan.context:,} tokens: {lies(plan)}, {size}, {loss(plan, stored)}"


def _compared(answer: MemoryResult) -> list[str]:
    sizes = ", ".join(f"{GROUP_NAMES[name]} {decimal(size)}" for name, size in groups(answer))
    name = f"{answer.model.name} in {answer.format}"
    speed = f" at {rate(answer.speed.low)} to {rate(answer.speed.high)} tokens/s" if answer.speed else ""
    lines = [f"{name} takes {decimal(answer.total)}: {sizes}", f"{name} reaches {answer.max_context:,} tokens{speed}"]
    return lines + [
        f"plan {plan.name} of {answer.model.name}, {_way(plan, bool(answer.model.stored))}"
        for plan in answer.plans[:1]
    ]


def _count(parameters: int) -> str:
    """A number of parameters with its unit in a word."""
    number, _, unit = short_count(parameters).partition(" ")
    return f"{number} {_COUNTS.get(unit, unit)}".strip()


def _sum(result: MemoryResult) -> list[str]:
    weights = result.weights
    bits = 8 * weights.bytes / max(1, weights.parameters)
    lines = [f"parameters: {_count(weights.parameters)}, {bits:.3g} bits each"]
    if result.speed is not None and result.scenario.view != "speed":
        lines.append(f"speed: {rate(result.speed.low)} to {rate(result.speed.high)} tokens/s, {result.speed.basis}")
    context = f" for {result.serving.context:,} tokens"
    lines += [
        f"{GROUP_NAMES[name]}: {decimal(size)}{context if name == 'kv' else ''}" for name, size in groups(result)
    ]
    lines.append(f"total: {decimal(result.total)}")
    labels = ("largest context", "machine", "sequences", "users at once", "in RAM", "as a file")
    texts = [(label, text) for label, text in follows(result) if label in (*labels, "on the card", "")]
    return lines + [f"{label}: {text}" if label in labels else text for label, text in texts]


def _terms(result: MemoryResult) -> list[str]:
    return [
        f"{term.name}, {GROUP_NAMES[group]}: {decimal(term.bytes)} = {term.formula}" for group, term in result.terms
    ]


def _devices(result: MemoryResult) -> list[str]:
    return [
        f"{device.name}: {device.layers} layers, {decimal(device.total)} of {decimal(device.available)}"
        for device in result.devices
    ]


def _speed(result: MemoryResult) -> list[str]:
    lines = [f"{label}: {text}" if label else text for label, text in speed_texts(result)]
    if result.lesson is not None:
        table = result.lesson
        lines.append(f"measured with {table.model} on {table.device}, {table.source}")
        for row in table.rows:
            slower = f", slower than {row.slower}" if row.slower else ""
            lines.append(f"{row.format}: {rate(row.tokens_per_second)} tokens/s{slower}")
    return lines


def _grid(result: MemoryResult) -> list[str]:
    if result.choices is None:
        return []
    column = result.choices.contexts.index(result.serving.context)
    lines = []
    for row in result.choices.grid:
        cell = row.cells[column]
        place = "fits" if cell.fits else "runs with a part in RAM" if cell.split else "has no room"
        reach = f"; fits up to {row.largest:,} tokens" if row.largest else ""
        lines.append(f"{short_format(row.format)}: {row.bits:.2f} bits, {decimal(cell.total)}, {place}{reach}")
    return lines


def _training(result: MemoryResult) -> list[str]:
    lines = []
    for plan in result.training:
        name = METHOD_NAMES[plan.setup.method]
        lines.append(f"training {name}: {decimal(plan.per_card)} of {decimal(plan.available)}")
        lines += [f"{term.name}: {decimal(term.bytes)} = {term.formula}" for _, term in plan.sum.terms]
    return lines


def _plan(result: MemoryResult, at: int, plan: Plan) -> list[str]:
    """The plan and its first command, of the balanced one all of them."""
    name, twin = f"plan {plan.name}", same_as(result.plans, at)
    if twin is not None:
        return [f"{name}: the same as {twin.name}"]
    commands = plan.commands if at == 0 else plan.commands[:1]
    return [
        f"{name}, {_way(plan, bool(result.model.stored))}",
        *(f"{name} with {program}: {command}" for program, command in commands),
    ]
