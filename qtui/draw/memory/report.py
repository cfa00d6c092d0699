"""The memory estimate as pictures: the stacked bar, the terms, the answers, and all of it as one report."""

from __future__ import annotations

import textwrap
from functools import lru_cache

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.grid import comparison, grid, takes
from qtui.draw.memory.plans import plans
from qtui.draw.memory.text import (
    GROUP_NAMES,
    best_text,
    context_text,
    devices_texts,
    doubts,
    machine_text,
    next_texts,
    quality_text,
    speed_texts,
    split_text,
    verdict_text,
)
from qtui.draw.picture import Line, Picture, Span, crop, line
from qtui.draw.safe import cell_count, safe
from qtui.draw.units import binary, decimal, short_count, tokens_text
from qtui.scenario.memory.result import MemoryResult

__all__ = ["answers", "bar", "comparison", "consequences", "grid", "heading", "report", "terms"]

# Fill and role of each group in the bar: index into Glyphs.shades from the fullest, told apart without colour.
FILLS = {
    "weights": (3, "series1"),
    "vision": (3, "series4"),
    "mtp": (2, "series4"),
    "kv": (2, "series2"),
    "state": (1, "series4"),
    "compute": (0, "series3"),
    "repack": (1, "axis"),
}


def heading(result: MemoryResult, width: int, glyphs: Glyphs) -> Line:
    """What is estimated, in one line."""
    use = result.use
    weights = result.weights
    bits = 8 * weights.bytes / max(1, weights.parameters)
    facts = [
        f"{short_count(weights.parameters)} parameters {glyphs.times} {bits:.3g} bits",
        result.format,
        f"{tokens_text(use.context)} tokens",
    ]
    facts += [f"{use.sequences} sequences"] if use.sequences > 1 else []
    facts += [f"cache {result.scenario.kv_type}"] if result.scenario.kv_type != "f16" else []
    facts += [use.engine] if use.engine != "llama.cpp" else []
    name = result.model.name.rpartition("/")[2] if result.model.source == "catalogue" else result.model.name
    rest = "  " + f" {glyphs.dot} ".join(facts)
    if cell_count(safe(name)) + cell_count(rest) > width:
        rest = rest.replace(" parameters", "", 1)
    return crop(line((name, "strong"), rest), width, glyphs.ellipsis)


def _groups(result: MemoryResult) -> list[tuple[str, int]]:
    sums: dict[str, int] = {}
    for name, term in result.terms:
        sums[name] = sums.get(name, 0) + term.bytes
    return [(name, sums[name]) for name in FILLS if sums.get(name)]


def bar(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """The parts stacked against the limit: three rows of `width` cells, and a legend of one or more."""
    limit, total = result.budget.limit, result.total
    scale = max(limit, total, 1)
    room = max(10, width - 2)
    edge = min(room - 1, limit * room // scale)
    spans: list[Span | str] = []
    done = before = 0
    for name, size in _groups(result):
        done += size
        # A part that is there is seen: it takes one cell at least, as long as there are cells.
        cells = min(room - before, max(1, done * room // scale - before))
        shade, role = FILLS[name]
        spans.append((glyphs.shades[shade] * cells, role))
        before += cells
    filled = line(*spans, " " * (room - before))
    marked = _mark(filled, edge, glyphs.vertical, "good" if result.fits else "bad")
    label = f"limit {decimal(limit)} = {binary(limit)}"
    start = max(0, min(room - len(label), edge - len(label) // 2))
    above = line(" " * start, (label, "good" if result.fits else "bad"))
    legend = [
        line((glyphs.shades[FILLS[name][0]] * 2, FILLS[name][1]), f" {GROUP_NAMES[name]} ", (decimal(size), "strong"))
        for name, size in _groups(result)
    ]
    return (above, marked, *_flow(legend, width))


def _mark(row: Line, at: int, glyph: str, role: str) -> Line:
    """`row` with `glyph` in cell `at`."""
    spans: list[Span | str] = []
    x = 0
    for text, own in row:
        if x <= at < x + len(text):
            spans += [(text[: at - x], own), (glyph, role), (text[at - x + 1 :], own)]
        else:
            spans.append((text, own))
        x += len(text)
    return line(*spans)


def _flow(items: list[Line], width: int) -> list[Line]:
    """Items one after the other, on as many rows as they need."""
    rows: list[Line] = []
    now: list[Span | str] = []
    used = 0
    for item in items:
        size = sum(len(text) for text, _ in item)
        if now and used + 3 + size > width:
            rows.append(line(*now))
            now, used = [], 0
        now += ["   ", *item] if now else [*item]
        used += size + (3 if used else 0)
    return [*rows, line(*now)] if now else rows


def terms(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """Every group with its sum in GB and GiB, and its terms with the numbers put in."""
    rows: list[Line] = []
    for name, size in _groups(result):
        mine = [term for group, term in result.terms if group == name]
        near = any(term.why for term in mine)
        mark = (f"{glyphs.approx} ", "warn") if near else "  "
        rows.append(
            line(
                (f"{GROUP_NAMES[name]:<18}", "strong"),
                mark,
                (f"{decimal(size):>9}", "strong"),
                f"  {binary(size):>9}",
            )
        )
        for term in mine:
            rows += _term(term.name, decimal(term.bytes), term.formula, width)
    total = decimal(result.total), binary(result.total)
    mark = "  " if result.model.family_known or result.model.arch is None else (f"{glyphs.approx} ", "warn")
    rows.append(line((f"{'total':<18}", "strong"), mark, (f"{total[0]:>9}", "strong"), f"  {total[1]:>9}"))
    return tuple(rows)


@lru_cache(maxsize=512)
def _wrapped(text: str, width: int) -> list[str]:
    """`text` in lines, remembered: most of what a pane says stays from key to key."""
    return textwrap.wrap(text, width)


def _term(name: str, size: str, formula: str, width: int) -> list[Line]:
    start = f"  {name[:24]:<18} {size:>9}  "
    parts = _wrapped(formula, max(20, width - len(start))) or [""]
    first = line((start[:20], "label"), start[20:], (parts[0], "dim"))
    return [first, *(line(" " * len(start), (part, "dim")) for part in parts[1:])]


def verdict(result: MemoryResult, glyphs: Glyphs) -> Span:
    """Whether it fits, with its mark."""
    mark, role = (
        (glyphs.yes, "good") if result.fits else (glyphs.half_top, "warn") if result.split else (glyphs.no, "bad")
    )
    return f"{mark} {verdict_text(result)}", role


def answers(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """The verdict, the next step, and what follows."""
    step: list[Line] = []
    if result.choices is not None and result.choices.next_step is not None:
        step = _answer("next step", next_texts(result)[0], width)
    return (line(verdict(result, glyphs)), *step, *consequences(result, width, glyphs))


def consequences(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """What follows from the sum: context, format, file, card, speed, machine, and what else would hold it."""
    rows: list[Line] = []
    facts: list[tuple[str, str]] = [("largest context", context_text(result))]
    if result.choices is not None and result.choices.best_format is not None:
        facts.append(("best format here", best_text(result.choices)))
        row = next((row for row in result.choices.grid if row.format == result.spec), None)
        facts.append(("quality", quality_text(row.quality if row else None)))
    if result.file_bytes and result.use.engine == "llama.cpp":
        facts.append(("as a file", f"about {decimal(result.file_bytes)}, with the tokenizer"))
    host = result.need.host
    if result.budget.gpu and result.fits and host:
        facts.append(("in RAM", f"{decimal(host)} of it: the embedding table stays there"))
    facts += [("on the card" if i == 0 else "", text) for i, text in enumerate(split_text(result))]
    facts += devices_texts(result)
    facts += speed_texts(result) or [("speed", _no_speed(result))]
    if result.repacked and not result.scenario.repack:
        copy = (
            f"{decimal(result.repacked.bytes)} more may be used by the CPU backend's copy of 4-bit weights (--repack)"
        )
        facts.append(("beside", copy))
    beside = [f"{name.replace('_', ' ')} {decimal(size)}" for name, _, size in result.extras if size]
    if beside:
        facts.append(("stored beside", ", ".join(beside) + " (counted with --vision, --mtp)"))
    facts.append(("machine", machine_text(result)))
    for label, text in facts:
        rows += _answer(label, text, width)
    if not result.fits:
        rows += [line(), *takes(result, width, glyphs)]
    return tuple(rows)


def _no_speed(result: MemoryResult) -> str:
    if result.model.arch is None:
        return "not known without the model's layers"
    if not result.fits and not (result.budget.gpu and result.offload):
        return "none while there is no room"
    if result.budget.gpu and not result.budget.gpu_bandwidth:
        return "the card's bandwidth is not known; name one with --machine, as 'RTX 4090'"
    if not result.machine.bandwidth:
        return "the memory's bandwidth is not known; --measure, or b in the app, measures it"
    return "none while there is no room"


def _answer(label: str, text: str, width: int) -> list[Line]:
    parts = _wrapped(text, max(20, width - 20)) or [""]
    first = line("  ", (f"{label:<17}", "label"), " ", parts[0])
    return [first, *(line(" " * 20, part) for part in parts[1:])]


def notes(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """Why some figures are estimates, and what the sources leave open."""
    rows: list[Line] = []
    marked = [(glyphs.approx, text) for text in doubts(result)]
    marked += [(glyphs.bullet, text) for text in result.notes]
    for mark, text in marked:
        parts = _wrapped(text, max(20, width - 4))
        rows += [line("  ", (mark if i == 0 else " ", "warn"), " ", (p, "dim")) for i, p in enumerate(parts)]
    return tuple(rows)


def report(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """The whole estimate, top to bottom."""
    rows = [heading(result, width, glyphs), line(), *bar(result, width, glyphs), line()]
    rows += [*terms(result, width, glyphs), line(), *answers(result, width, glyphs), line()]
    if result.plans:
        rows += [*plans(result, width, glyphs), line()]
    rows += [*grid(result, width, glyphs), line(), *notes(result, width, glyphs)]
    return tuple(rows)
