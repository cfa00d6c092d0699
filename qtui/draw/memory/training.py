"""What training takes: the ways beside each other, and the terms of the best that has room."""

from __future__ import annotations

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.terms import term_rows
from qtui.draw.memory.text import METHOD_NAMES
from qtui.draw.picture import Line, Picture, Span, columns, crop, line
from qtui.draw.safe import wrapped
from qtui.draw.units import decimal, short_count, tokens_text, unit_of
from qtui.scenario.memory.asked import TrainingPlan
from qtui.scenario.memory.result import MemoryResult

GROUPS = ("weights", "gradients", "optimizer", "activations")


def training(result: MemoryResult, width: int, glyphs: Glyphs, height: int = 0) -> Picture:
    """Groups by ways in GB, then the terms of one, and of the others that `height` rows hold whole.

    Nothing where training was not asked about.
    """
    plans = result.training
    if not plans:
        return ()
    detailed = next((plan for plan in plans if plan.fits), plans[-1])
    rows: list[Line] = [*table(plans, width, glyphs), line(), *_terms(detailed, width)]
    reasons: list[Line] = []
    for why in dict.fromkeys(term.why for _, term in detailed.sum.terms if term.why):
        parts = wrapped(why, max(20, width - 2))
        reasons += [
            line((glyphs.approx if i == 0 else " ", "warn"), " ", (part, "dim")) for i, part in enumerate(parts)
        ]
    for plan in reversed(plans):
        other = [line(), *_terms(plan, width)] if plan is not detailed else []
        rows += other if len(rows) + len(other) + len(reasons) <= height else []
    return (*rows, *reasons)


def _terms(plan: TrainingPlan, width: int) -> list[Line]:
    """The way's name, and its terms."""
    rows = [line((METHOD_NAMES[plan.setup.method], "strong"))]
    for _, term in plan.sum.terms:
        rows += term_rows(term.name, term.bytes, term.formula, width)
    return rows


def training_head(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """The verdict: which ways have room, and on what."""
    plans = result.training
    names = [METHOD_NAMES[plan.setup.method] for plan in plans if plan.fits]
    devices = f"each of {plans[0].cards} cards" if plans[0].cards > 1 else result.machine.name
    verdict: Span = (f"{glyphs.no} There is no room to train it.", "bad")
    if names:
        listed = " and ".join(names) if len(names) < 3 else "every way"
        has = "have" if len(names) == 2 else "has"
        verdict = (f"{glyphs.yes} {listed[0].upper()}{listed[1:]} {has} room.", "good")
    room = f" on {devices}, {decimal(plans[0].available)}"
    model = line((result.model.name.rpartition("/")[2], "strong"), room)
    return (line(verdict), crop(model, width, glyphs.ellipsis))


def table(plans: tuple[TrainingPlan, ...], width: int, glyphs: Glyphs) -> Picture:
    """A column for each way."""
    setup, cards = plans[0].setup, plans[0].cards
    unit = unit_of(max(plan.sum.total for plan in plans))
    names: list[Span | str] = [(METHOD_NAMES[plan.setup.method], "strong") for plan in plans]
    rows: list[list[Span | str]] = [[(unit.name, "dim"), *names]]
    for group in GROUPS:
        mark = f" {glyphs.approx}" if group == "activations" else ""
        sizes = [plan.sum.bytes(group) for plan in plans]
        rows.append([group + mark, *(unit.of(size, 2) for size in sizes)])
    rows.append([("total", "strong"), *((unit.of(plan.sum.total, 2), "strong") for plan in plans)])
    if cards > 1:
        rows.append([f"on each of {cards}", *(unit.of(plan.per_card, 2) for plan in plans)])
    rows.append(["there is", *(unit.of(plan.available, 2) for plan in plans)])
    fits: list[Span | str] = [
        (f"{glyphs.yes} fits", "good") if plan.fits else (f"{glyphs.no} too large", "bad") for plan in plans
    ]
    rows.append(["", *fits])
    rows.append(["numbers trained", *(short_count(plan.sum.trained) for plan in plans)])
    kept = "activations computed anew" if setup.checkpointing else "all activations kept"
    facts = (
        f"{setup.batch} {glyphs.times} {tokens_text(setup.tokens)} tokens on each device, {setup.optimizer}, {kept}"
    )
    drawn = columns(rows, "l" + "r" * len(plans))
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*drawn, line((facts, "dim"))))
