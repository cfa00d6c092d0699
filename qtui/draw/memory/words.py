"""One sentence for each view of the Memory pane: what to see in it, made from the Result."""

from __future__ import annotations

import re

from qtui.draw.memory.text import METHOD_NAMES, loss_word, nats, rate, short_format, where
from qtui.draw.units import at_least, decimal, percent, tokens_text
from qtui.scenario.memory.result import MemoryResult, Plan

TITLES = {
    "plans": "Plans",
    "grid": "Grid",
    "terms": "Sum",
    "cards": "Cards",
    "speed": "Speed",
    "buy": "Buy",
    "train": "Train",
    "here": "What runs here",
    "compare": "Compare",
    "totals": "Memory of each",
    "contexts": "At other contexts",
    "speeds": "Speed of each",
    "sums": "Sum of each",
    "each": "Plans of each",
    "lie": "Where each lies",
    "kinds": "What each is",
    "notes": "What is left open",
    "commands": "Commands of the plans",
}


def short_sentence(text: str) -> str:
    """`text` without what stands in brackets, where there is little room."""
    return re.sub(r" \([^)]*\)", "", text)


def sentence(result: MemoryResult, view: str, marked: int = 0) -> str:
    """What `view` shows of `result`, in one sentence; `marked` is the plan or model under the keyboard."""
    if result.others:
        return _compare(result)
    of_view = {
        "grid": _grid,
        "terms": _terms,
        "cards": _cards,
        "speed": _speed,
        "train": _train,
        "buy": _buy,
        "here": _here,
        "compare": _compare,
    }
    return of_view.get(view, _plans)(result, marked)


def _plans(result: MemoryResult, marked: int) -> str:
    if not result.plans:
        return nothing_runs(result)
    plan = result.plans[min(marked, len(result.plans) - 1)]
    name = f"{plan.name.capitalize()}: {short_format(plan.format)}"
    return f"{name}, {_kept(result, plan)}, {loss(plan, bool(result.model.stored))}."


def nothing_runs(result: MemoryResult) -> str:
    """Why there is no plan, and what would help."""
    rows = result.choices.grid if result.choices is not None else ()
    if any(row.largest for row in rows):
        if result.model.arch is None:
            return "A number of parameters alone gives sizes: plans, with commands and speeds, need a model's layers."
        count = result.serving.sequences
        many, fewer = (f" for each of {count} sequences", " or fewer sequences") if count > 1 else ("", "")
        tokens = tokens_text(result.serving.context)
        return f"With {tokens} tokens{many} no format has room: a shorter context{fewer} would."
    return "Nothing of the list runs here, not in the smallest format: a smaller model or another machine would."


def _kept(result: MemoryResult, plan: Plan) -> str:
    speed = f" ({rate(plan.speed.low)} to {rate(plan.speed.high)} tokens/s)" if plan.speed else ""
    if plan.fits:
        return f"all of it {where(result) if result.budget.gpu else 'in memory'}{speed}"
    layers = result.model.arch.num_layers if result.model.arch is not None else 0
    if plan.cpu_moe_layers:
        return f"experts of {layers - plan.cpu_moe_layers} of {layers} layers on the card, the rest in RAM{speed}"
    return f"{plan.gpu_layers} of {layers} layers on the card, the rest in RAM{speed}"


def loss(plan: Plan, stored: bool = False) -> str:
    """What a plan's format loses; `stored` weights of a file may have lost something before."""
    if stored and not plan.loss and plan.format == "native":
        return "with the weights as stored: nothing more is lost"
    if plan.loss is None:
        return "and nobody has measured what the format loses"
    if not plan.loss:
        return "with the weights as published: nothing is lost"
    top = plan.quality.same_top if plan.quality else None
    often = f" (the likeliest next word stays the same {100 * top:.0f} % of the time)" if top and top < 1 else ""
    return f"and the loss is {loss_word(plan.loss)}: {nats(plan.loss)} nats{often}"


def _grid(result: MemoryResult, marked: int = 0) -> str:
    choices = result.choices
    if choices is None:
        return "Formats by contexts."
    column = choices.contexts.index(result.serving.context)
    fitting = sum(row.cells[column].fits for row in choices.grid)
    fit = f"{fitting or 'none'} of {len(choices.grid)} formats fit{'s' * (fitting < 2)}"
    row = next(row for row in choices.grid if row.format == result.spec)
    reach = (
        f"{short_format(row.format)} reaches {at_least(row.largest)}"
        if row.largest
        else f"{short_format(row.format)} runs only with a part in RAM"
        if row.cells[column].split
        else f"{short_format(row.format)} has no room at any"
    )
    return (
        f"At {tokens_text(result.serving.context)} tokens {fit}, and {reach} "
        "(a row down gives up quality, a column to the right takes memory)."
    )


def _terms(result: MemoryResult, marked: int = 0) -> str:
    share = percent(result.bytes("weights"), result.total)
    if not result.growth:
        return f"The weights are {share} of it; a longer conversation takes no more."
    return f"The weights are {share} of it; each 1,024 tokens more of conversation take {decimal(result.growth)}."


def _cards(result: MemoryResult, marked: int = 0) -> str:
    cards = [device for device in result.devices if device.name != "RAM"]
    if not result.devices:
        counts = dict(result.choices.machines).get(result.spec, ()) if result.choices is not None else ()
        named = " or ".join(f"{count.number:,} × {count.machine}" for count in (*counts[:1], *counts[-1:]))
        return f"It does not run here: {named} would hold it." if named else "It does not run here."
    if result.budget.gpu and cards:
        fullest = min(cards, key=lambda card: card.available - card.total)
        room = decimal(max(0, fullest.available - fullest.total))
        name = "fullest card" if len(cards) > 1 else "card"
        return f"The {name} has {room} left: a longer conversation takes it first."
    return f"Everything lies in one memory, which has {decimal(max(0, result.spare))} left."


def _speed(result: MemoryResult, marked: int = 0) -> str:
    speed = result.speed
    if speed is None:
        missing = "the memory's bandwidth is not known" if result.devices else "it does not run here"
        return f"No speed: {missing}."
    parts = {
        "reading the weights": speed.reading,
        "unpacking them": speed.unpacking,
        "starting the layers": speed.fixed,
    }
    most = max(parts, key=lambda name: parts[name])
    total = sum(parts.values())
    ends_of = {
        "reading the weights": "so a smaller format is a faster one",
        "unpacking them": "so fewer bits need not be faster",
        "starting the layers": "so a smaller format gains little",
    }
    if most == "reading the weights" and speed.unpacking > speed.reading / 2:
        ends = f"{100 * speed.unpacking / total:.0f} % into unpacking them, so fewer bits save less than they seem to"
    else:
        ends = ends_of[most]
    slower = sum(1 for row in result.lesson.rows if row.slower) if result.lesson else 0
    seen = f" (measured: {slower} formats are slower than a larger one)" if slower else ""
    return f"Of a token's {1000 * total:.3g} ms, {100 * parts[most] / total:.0f} % go into {most}, {ends}{seen}."


def _train(result: MemoryResult, marked: int = 0) -> str:
    if not result.training:
        return "What training takes is not known without the model's layers."
    fitting = [plan for plan in result.training if plan.fits]
    where_to = "on each card" if result.training[0].cards > 1 else "here"
    plan = fitting[0] if fitting else result.training[-1]
    name = METHOD_NAMES[plan.setup.method]
    has = "have" if plan.setup.method == "full" else "has"
    share = percent(plan.sum.trained, result.weights.parameters)
    if not fitting:
        least = f"Even {name}" if result.training[1:] else f"{name[0].upper()}{name[1:]}"
        return f"{least} {has} no room {where_to}: {decimal(plan.per_card)} of {decimal(plan.available)}."
    return (
        f"{name[0].upper()}{name[1:]} {has} room {where_to}: {share} of the numbers are trained, and "
        f"{percent(plan.sum.rest, plan.sum.total)} of the memory goes to activations (what the backward pass needs)."
    )


def _buy(result: MemoryResult, marked: int = 0) -> str:
    listed = result.to_buy
    if listed is None or not listed.rows:
        return "Nothing of the list runs it so: a shorter context or a lower speed would have to do."
    row = listed.rows[min(marked, len(listed.rows) - 1)]
    return f"{row.machine}: in {short_format(row.plan.format)} {lies(row.plan)}, {loss(row.plan)}."


def _here(result: MemoryResult, marked: int = 0) -> str:
    listed = result.here
    if listed is None or not listed.rows:
        return "A shorter context, a lower speed or other words in the search may find some."
    row = listed.rows[min(marked, len(listed.rows) - 1)]
    name = row.model.rpartition("/")[2]
    return f"{name}: in {short_format(row.plan.format)} {lies(row.plan)}, {loss(row.plan)}."


def lies(plan: Plan) -> str:
    """Whether all of it is in the fast memory, and how fast it is, of a plan on any machine."""
    speed = f" at {rate(plan.speed.low)} to {rate(plan.speed.high)} tokens/s" if plan.speed else ""
    return ("it fits whole" if plan.fits else "it runs with a part in RAM") + speed


def _compare(result: MemoryResult, marked: int = 0) -> str:
    every = (result, *result.others)
    if not result.others:
        return "Name several models, as in Qwen3-8B,gemma-3-12b, or several formats, to see them side by side."
    fitting = [answer for answer in every if answer.fits]
    largest = max(fitting, key=lambda answer: answer.total) if fitting else None
    verdict = f"{_name(largest)} in {short_format(largest.spec)} is the largest that fits whole" if largest else ""
    verdict = verdict or f"None of the {len(every)} fits whole"
    most, least = (pick(every, key=lambda answer: answer.growth) for pick in (max, min))
    if not most.growth:
        return f"{verdict}."
    grows = f"each 1,024 tokens more take {decimal(most.growth)}"
    if most.growth == least.growth:
        return f"{verdict} ({grows} in every one)."
    return f"{verdict} ({grows} in {_name(most)}, {decimal(least.growth)} in {_name(least)})."


def _name(result: MemoryResult) -> str:
    return result.model.name.rpartition("/")[2]
