"""Sentences of the memory estimate: what the pictures, the Markdown and the scripts say alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtui.compute.memory.ranking import NOTICEABLE, TOLERABLE
from qtui.draw.glyphs import Glyphs
from qtui.draw.safe import crop_text, safe
from qtui.draw.units import about, at_least, decimal

if TYPE_CHECKING:  # the welcome draws before anything is worked out
    from qtui.models.machine.machine import Machine
    from qtui.models.published.quality import Quality
    from qtui.scenario.memory.asked import MemoryChoices, TrainingPlan
    from qtui.scenario.memory.result import MemoryResult

GROUP_NAMES = {
    "weights": "weights",
    "vision": "vision tower",
    "mtp": "draft module",
    "draft": "draft model",
    "kv": "KV cache",
    "state": "state",
    "compute": "compute buffer",
    "repack": "repacked copy",
}


def where(result: MemoryResult) -> str:
    """The memory that the answer is about: "of the card", "available"."""
    if result.budget.gpu:
        count = 1 if result.scenario.split_mode == "none" else len(result.machine.gpus)
        return "on the card" if count == 1 else f"on {count} cards"
    return "available"


def beside_cards(result: MemoryResult) -> int:
    """Bytes of the sum that stay in RAM also where the rest is on cards: the embedding table, kept experts."""
    return max(0, result.total - result.need.gpu) if result.budget.gpu else 0


def lacking(result: MemoryResult) -> int:
    """Bytes that card and RAM lack together, where both can hold the model; 0 where they have room, or it is one."""
    both = result.budget.gpu + result.budget.ram
    return max(0, result.total - both) if result.budget.gpu and result.serving.engine == "llama.cpp" else 0


def verdict_text(result: MemoryResult) -> str:
    """Whether it fits, and by how much."""
    spare, limit = result.spare, result.budget.limit
    if result.fits:
        return f"fits, {decimal(spare)} to spare of {decimal(limit)} {where(result)}"
    if result.split:
        return f"fits in part: {decimal(-spare)} more than the {decimal(limit)} {where(result)}"
    if spare >= 0:
        return f"does not fit: the RAM has no room for the {decimal(result.need.host)} that stay there"
    if lacking(result):
        return f"does not fit, {decimal(lacking(result))} more than card and RAM have together"
    return f"does not fit, {decimal(-spare)} more than the {decimal(limit)} {where(result)}"


def family_doubt(result: MemoryResult) -> str:
    """What to add to a verdict where the model's layers were read without knowing its family."""
    if result.model.family_known or result.model.arch is None:
        return ""
    return " (an estimate: the model's family is not known)"


def kept_text(result: MemoryResult) -> str:
    """What stays in RAM beside cards."""
    if result.scenario.n_cpu_moe or result.scenario.override_tensor:
        return "the tensors that you keep there, and the embedding table"
    return "the embedding table"


def context_text(result: MemoryResult) -> str:
    """The largest context that fits."""
    most, trained = result.max_context, result.model.context
    if result.model.arch is None and result.model.stored:
        return "not known: the cache can't be worked out from this file"
    if not most:
        return "none, there is no room for the weights and the buffers" + (" on the card" if result.split else "")
    if trained and most >= trained // 256 * 256:
        return f"{trained:,} tokens, all that the model was trained for"
    return f"{'about ' if result.model.arch is None else ''}{most:,} tokens"


def split_text(result: MemoryResult) -> list[str]:
    """What the card holds where it can't hold everything."""
    split = result.offload
    if split is None or result.fits:
        return []
    texts, place = [], where(result)
    if split.layers or split.gpu:
        texts.append(
            f"{split.layers} of {split.of} layers {place} ({decimal(split.gpu)}), "
            f"the rest in RAM ({decimal(split.ram)})"
        )
    if split.experts_in_ram is not None:
        texts.append(
            f"or all but the experts of {split.experts_in_ram} layers {place} ({decimal(split.experts_gpu)}), "
            f"those in RAM ({decimal(split.experts_ram)})"
        )
    if not texts:
        texts.append("not even the output head and the buffers find room " + place)
    if not split.fits:
        texts.append("and the RAM is too small for the rest")
    return texts


def next_texts(result: MemoryResult, take_key: str = "", model_key: str = "") -> tuple[str, ...]:
    """What to do next, in sentences long to short; the app has a key that takes it, and one that finds models."""
    step = result.choices.next_step if result.choices is not None else None
    if step is None:
        return _as_it_is(result)
    take = f": {take_key} takes it" if take_key else ""
    if step.kind == "model":
        smaller = f"{model_key} finds a smaller model" if model_key else "try a smaller model"
        fitting = f"about {about(step.parameters)} fit in {short_format(step.usual)}"
        find = f"{smaller}: {fitting}" if step.parameters else smaller
        small = next((plan for plan in result.plans if plan.fits and plan.context >= result.serving.context), None)
        if small is not None and small.loss:
            loses = f"only {short_format(small.format)} fits ({nats(small.loss)} nats)"
            return (f"{loses}; {find}", find)
        return (f"even {short_format(step.format)} takes {decimal(step.total)}; {find}", find)
    name = _as_published(result) if step.format == "native" else f"in {short_format(step.format)}"
    if step.context:
        name = "" if step.format == result.spec else f"{name} and "
        name += f"with {at_least(step.context)} of context"
    if step.kv_type:
        name = f"{name} with a {step.kv_type} cache"
    if step.kind == "split":
        return (
            f"{name} it runs on card and RAM together, {decimal(step.total)}{take}",
            f"{name} card and RAM hold it{take}",
        )
    fits = "it fits too" if result.fits else f"all of it fits {where(result)}" if result.split else "it fits"
    whole, short = f"{name} {fits}, {decimal(step.spare)} to spare{take}", f"{name} {fits}{take}"
    return whole, short, f"{name} it fits{take}"


def best_text(choices: MemoryChoices) -> str:
    """The best format here, with what else it needs."""
    name = choices.best_format or "none"
    name += f" with a {choices.best_kv_type} cache" if choices.best_kv_type else ""
    return name + (", part of it in RAM" if choices.best_split else "")


def quality_text(quality: Quality | None) -> str:
    """What was measured of a format, in a sentence."""
    if quality is None or quality.kld_mean is None:
        return "no measurement"
    if not quality.kld_mean:
        return "as published: nothing is lost"
    top = f", {100 * quality.same_top:.0f} % same top choice" if quality.same_top else ""
    return f"{nats(quality.kld_mean)} nats{top} ({quality.model})"


def nats(value: float) -> str:
    """A divergence in a few digits: 0.031, 0.0014, 0.45."""
    if value and value < 0.001:
        return f"{value:.4f}"
    return f"{value:.2g}" if value < 0.0995 else f"{value:.2f}"


METHOD_NAMES = {"full": "all weights", "lora": "LoRA", "qlora": "QLoRA"}


def training_text(plan: TrainingPlan) -> str:
    """Whether training has room, in a sentence without its mark."""
    name = METHOD_NAMES[plan.setup.method]
    everywhere = f" on each of {plan.cards} cards" if plan.cards > 1 else ""
    amount = f"{decimal(plan.per_card)} of {decimal(plan.available)}{everywhere}"
    return f"training {name} {'fits' if plan.fits else 'does not fit'}: {amount}"


def loss_word(value: float) -> str:
    """A divergence in a word: what people who use quantized models call it."""
    return (
        "tiny" if value < 0.01 else "small" if value < NOTICEABLE else "noticeable" if value <= TOLERABLE else "large"
    )


def short_format(spec: str) -> str:
    """A format's name for a narrow column: integer blocks without their options, "int4 by 64"."""
    name, _, options = spec.partition(":")
    block = next((word[6:] for word in options.split(",") if word.startswith("block=")), "")
    return f"{name} by {block}" if block and len(spec) > 13 else spec


def _as_published(result: MemoryResult) -> str:
    if result.model.stored:
        return "as stored"
    return "as published" if result.model.arch is not None else f"in {result.model.dtype}"


def _as_it_is(result: MemoryResult) -> tuple[str, ...]:
    if result.split:
        return ("the rest runs in RAM, at the RAM's speed",)
    if result.choices is None or not result.fits:
        return ()
    if result.spec == "native":
        more = "more " if result.model.mix else ""
        return (f"these are the weights {_as_published(result)}: nothing {more}is given up",)
    return ("formats with more bits do not fit at this context",)


def bandwidth_text(result: MemoryResult) -> str:
    """How fast this machine's memory is, once that has been measured."""
    fast = speed_text(result)
    what = f"; {fast.partition(':')[0]}" if fast else ""
    return f"memory reads at {(result.machine.bandwidth or 0) / 1e9:.1f} GB/s, measured{what}"


def machine_text(result: MemoryResult) -> str:
    """What the machine has, and where that is known from."""
    return machine_text_of(result.machine)


def machine_text_of(machine: Machine) -> str:
    """The same of a machine alone."""
    memory = f"{_both(machine.ram_total)} of {'memory' if machine.unified or not machine.gpus else 'RAM'}"
    if machine.ram_available != machine.ram_total:
        memory += f", {decimal(machine.ram_available)} available"
        used = machine.ram_total - machine.ram_available
        memory += f" and {decimal(used)} in use now" if used > 1 << 28 else ""
    facts = [memory + (", shared with the GPU" if machine.unified else "")]
    if machine.unified and machine.gpu_share:
        facts.append(f"the GPU may hold {decimal(machine.gpu_share)}")
    if machine.ram_limit is not None:
        facts.append(f"this process is limited to {decimal(machine.ram_limit)}")
    if machine.gpus and not machine.unified:
        for card in dict.fromkeys(machine.gpus):
            free = f", {decimal(card.free)} free," if card.free != card.total else ""
            rate = f" at {card.bandwidth / 1e9:,.0f} GB/s" if card.bandwidth else ""
            facts.append(f"{machine.gpus.count(card)} × {card.name} with {_both(card.total)}{free}{rate}")
    if machine.bandwidth:
        facts.append(f"{'RAM' if machine.gpus else 'memory'} at {machine.bandwidth / 1e9:.0f} GB/s")
    return f"{machine.name}: {'; '.join(facts)} ({machine.source})"


def _both(size: int) -> str:
    """An amount of memory in GB, and in the GiB that makers count in: "25.77 GB (24 GiB)"."""
    gib = size / (1 << 30)
    return f"{decimal(size)} ({f'{gib:,.0f}' if gib >= 999.5 else f'{gib:.3g}'} GiB)"


def speed_text(result: MemoryResult) -> str | None:
    """Tokens per second as a range with its inputs."""
    speed = result.speed
    return None if speed is None else f"{rate(speed.low)} to {rate(speed.high)} tokens/s: {speed.formula}"


def speed_texts(result: MemoryResult) -> list[tuple[str, str]]:
    """Everything known of the speed, as (label, sentence)."""
    speed, first = result.speed, speed_text(result)
    if speed is None or first is None:
        return []
    texts = [("speed", f"{first}; {speed.basis}")]
    if speed.cache_read * 20 > speed.weights_read:
        texts.append(("", f"{rate(speed.full[0])} to {rate(speed.full[1])} tokens/s once the context is full"))
    for row in result.measured:
        note = f" ({row.note})" if row.note else ""
        texts.append(("measured", f"{rate(row.tokens_per_second)} tokens/s on {row.device}, {row.source}{note}"))
    if result.prompt is not None:
        low, high, basis = result.prompt
        texts.append(("prompt", f"{rate(low)} to {rate(high)} tokens/s read: {basis}"))
    return texts


def no_speed_text(result: MemoryResult) -> str:
    """Why there is no speed."""
    if result.model.arch is None:
        return "not known without the model's layers"
    if not result.fits and not (result.budget.gpu and result.offload):
        return "none while there is no room"
    if result.budget.gpu and not result.budget.gpu_bandwidth:
        return "the card's bandwidth is not known; name one with --machine, as 'RTX 4090'"
    if not result.machine.bandwidth:
        return "the memory's bandwidth is not known; --measure measures it"
    return "none while there is no room"


def rate(value: float) -> str:
    """A speed with two digits that mean something."""
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def doubts(result: MemoryResult) -> list[str]:
    """Why parts are estimates."""
    reasons: dict[str, str] = {}
    for name, term in result.terms:
        if term.why:
            reasons.setdefault(term.why, GROUP_NAMES[name])
    return [f"{name} is an estimate: {why}" for why, name in reasons.items()]


def short_name(model: str, room: int, glyphs: Glyphs) -> str:
    """A model's name without its publisher, in `room` cells."""
    return crop_text(safe(model.rpartition("/")[2]), room, glyphs.ellipsis)
