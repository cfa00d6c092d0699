"""The memory estimate printed: everything that the views show, top to bottom."""

from __future__ import annotations

import re

from qtui.draw.frame import group, sentence, stack
from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.cards import cards
from qtui.draw.memory.compare import best_plans, compared, comparison, contexts, speeds, sums, totals
from qtui.draw.memory.grid import grid
from qtui.draw.memory.head import bar, headline, legend
from qtui.draw.memory.plans import printed
from qtui.draw.memory.speed import speed
from qtui.draw.memory.terms import notes, terms
from qtui.draw.memory.text import GROUP_NAMES, next_texts, verdict_text
from qtui.draw.memory.training import training, training_head
from qtui.draw.memory.words import TITLES
from qtui.draw.memory.words import sentence as words
from qtui.draw.picture import Line, Picture, crop, line
from qtui.draw.safe import safe
from qtui.draw.units import binary, decimal
from qtui.scenario.memory.result import MemoryResult


def report(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """The whole estimate, each group with its title and its sentence."""
    if result.others:
        return _compared(result, width, glyphs)
    head: list[Line] = [*headline(result, width, glyphs), line()]
    head += [*bar(result, width, glyphs, labelled=True), *legend(result, width, glyphs)]
    head += [line((text, "label")) for text in next_texts(result)[:1]]
    trained = result.training != ()  # which is what was asked: to run the model comes after that
    parts: list[Picture] = [] if trained else [tuple(head)]
    drawn = {
        "train": training(result, width, glyphs),
        "plans": printed(result, width, glyphs) if result.plans else (),
        "grid": grid(result, width, glyphs),
        "terms": terms(result, width, glyphs),
        "cards": cards(result, width, glyphs),
        "speed": speed(result, width, glyphs),
    }
    if trained:
        parts.append(training_head(result, width, glyphs))
    for view, rows in drawn.items():
        if view == "plans" and trained:
            parts.append(group("To run it", tuple(head), width, glyphs))
        if rows:
            parts.append(group(TITLES[view], (*_sentence_of(result, view, width), line(), *rows), width, glyphs))
    parts.append(group("What is left open", notes(result, width, glyphs), width, glyphs))
    return tuple(crop(row, width, glyphs.ellipsis) for row in stack(*parts))


def _compared(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """Several models or formats side by side."""
    top = (*compared(result, width, glyphs), (), *comparison(result, width, glyphs))
    drawn = {"each": best_plans, "totals": totals, "contexts": contexts, "speeds": speeds, "sums": sums}
    parts = [group(TITLES[name], draw(result, width, glyphs), width, glyphs) for name, draw in drawn.items()]
    return stack((*top, *_sentence_of(result, "compare", width)), *parts)


def _sentence_of(result: MemoryResult, view: str, width: int) -> Picture:
    return sentence(words(result, view, _balanced(result)), width)


def _balanced(result: MemoryResult) -> int:
    return next((i for i, plan in enumerate(result.plans) if plan.name == "balanced"), 0)


def markdown(result: MemoryResult) -> str:
    """One model: its terms. Several: a row each."""
    if result.others:
        return _markdown_comparison((result, *result.others))
    rows = [
        f"| {GROUP_NAMES[g]} | {t.name} | {t.bytes:,} | {binary(t.bytes)} | {t.formula} |" for g, t in result.terms
    ]
    head = f"**{_markdown_text(result.model.name)}**, {result.format}, {result.serving.context:,} tokens"
    total = f"| **total** | | **{result.total:,}** | **{binary(result.total)}** | {verdict_text(result)} |"
    table = ["| | part | bytes | | how |", "|---|---|--:|--:|---|", *rows, total]
    return "\n".join([head, "", *table])


def _markdown_text(text: str) -> str:
    """`text` for a cell of a table."""
    return re.sub(r"([\\`*|<\[\]])", r"\\\1", safe(text))


def _markdown_comparison(results: tuple[MemoryResult, ...]) -> str:
    head = "| model | format | weights | KV cache | state | compute | total | fits | largest context |"
    rows = [head, "|---|---|--:|--:|--:|--:|--:|---|--:|"]
    for answer in results:
        sizes = " | ".join(decimal(answer.bytes(group)) for group in ("weights", "kv", "state", "compute"))
        fits = "yes" if answer.fits else "no"
        name = answer.model.name.rpartition("/")[2]
        cells = (_markdown_text(name), answer.format, sizes, decimal(answer.total), fits, f"{answer.max_context:,}")
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)
