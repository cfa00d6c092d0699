"""The welcome in words: what qtui is, what the doors lead to, what the bars show."""

from __future__ import annotations

from collections import Counter

from qtui.draw.memory.text import rate, short_format
from qtui.draw.units import decimal, short_count, tokens_text
from qtui.models.machine.machine import Machine
from qtui.scenario.welcome.result import WelcomeResult

IN_ONE_SENTENCE = (
    "See why language models are large, what a number in them really stores, and what squeezing it costs."
)
LOOKS_AT = "GGUF, safetensors, config.json"
UNKNOWN_SPEED = "; speed of the memory unknown"
LOOKING = "looking in this folder and the usual caches: a moment"
PANES = (
    ("Memory", "what a model takes, and does it fit here"),
    ("Bits", "what a number really stores, bit by bit"),
    ("Quantizer", "numbers squeezed into few bits, and back"),
    ("Errors", "what that costs many numbers, or a file"),
    ("Quality", "how much worse a real model answers"),
)


def learn_words(result: WelcomeResult | None) -> tuple[str, ...]:
    """What the tour is, and where one left it."""
    way = "from one number to a model"
    if result is None:
        return "the tour: one idea a step", way
    begun = f"continue at step {result.tour_step}" if result.tour_step else way
    return f"the tour: {result.tour_steps} steps, one idea each", begun


def machine_words(machine: Machine) -> str:
    """A machine in a few words: "this machine: 25.28 GB of memory"."""
    # Cards are named by what is printed on them: makers count in 2³⁰ bytes and write GB.
    counted = Counter(f"{card.name} of {round(card.total / 2**30)} GB" for card in machine.gpus)
    cards = " + ".join(f"{count} {card} each" if count > 1 else card for card, count in counted.items())
    memory = f"{decimal(machine.ram_total)} of memory"
    shared = " shared with the GPU" if machine.unified else ""
    return f"{machine.name}: {memory}{shared}{f', {cards}' if cards else ''}"


def fit_words(result: WelcomeResult | None) -> tuple[str, str]:
    """The largest model that runs well here, and what it can do: how much text, and how fast."""
    if result is None or not result.knows_fit:
        return "working out the largest model", "that runs well here"
    if result.fit is None:
        return "no model of the catalogue runs well here;", "see how much is missing"
    plan = result.fit.plan
    pace = f", {rate(plan.speed.low)} to {rate(plan.speed.high)} tokens a second" if plan.speed else UNKNOWN_SPEED
    fits = f"{short_name(result.fit.model)} fits in {plan.format}, {plan.bits_per_weight:.1f} bits a number"
    return fits, f"with {tokens_text(plan.context)} tokens of text{pace}"


def short_name(model: str) -> str:
    """A model's name without its maker's and without what only says how it was published."""
    maker, _, name = model.rpartition("/")
    if name.lower().startswith(f"{maker.lower()}-"):
        name = name[len(maker) + 1 :]
    return name.removesuffix("-BF16")


def files_words(result: WelcomeResult | None) -> str:
    """What lies near to look into."""
    if result is None or not result.files:
        searched = result is not None and (result.complete or bool(result.files))
        return "none in this folder or the usual caches: type a path" if searched else LOOKING
    first, more = result.files[0], len(result.files) - 1
    others = f", and {more} more" if more else ""
    return f"{first.name}, {decimal(first.bytes)}, in {first.place}{others}"


def sentence(result: WelcomeResult, end: str, brief: bool = False) -> str:
    """What the bars show; `end` is the sign for where this machine's memory ends. `brief`: without asides."""
    first, last = result.large[0], result.large[-1]
    most = next((size for size in result.large if size.fits), None)
    split = next((size for size in result.large if size.split), None)
    name = f"The {short_count(result.large_parameters)} numbers of {result.large_name.rpartition('/')[2]}"
    begin = (
        f"{name} take {decimal(first.bytes)} as published and {decimal(last.bytes)} in {short_format(last.format)}"
    )
    mark = f" ({end})" if result.room < first.bytes else ""
    here = f"this machine{mark} has {decimal(result.room)} for them"
    if most is not None:
        also = f", or from {short_format(split.format)} with a part in slower memory" if split and not brief else ""
        return f"{begin}; {here}, enough from {short_format(most.format)} down{also}."
    if split is not None:
        return f"{begin}; {here}, enough only with a part in slower memory, from {short_format(split.format)} down."
    return f"{begin}; {here}, too little for any of these."
