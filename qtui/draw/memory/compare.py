"""Models or formats side by side: a table, a bar for each, their sums, speeds and contexts."""

from __future__ import annotations

import re

from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.head import FILLS, bar, groups
from qtui.draw.memory.plans import command_rows, loss_of, speed_bar, speed_range
from qtui.draw.memory.text import GROUP_NAMES, nats, rate, short_format, short_name, where
from qtui.draw.picture import Line, Picture, Span, columns, crop, fitted, line
from qtui.draw.picture import width as row_width
from qtui.draw.safe import cell_count, crop_text, padded, safe
from qtui.draw.units import at_least, short_count, tokens_text, unit_of
from qtui.scenario.memory.result import MemoryResult, Plan

NAME = 26  # cells of a model's name
MOST_BAR = 60
SUM, LEAST_SUM, LEAST_KIND = 20, 10, 16  # cells of a term's name, and of a column beside it
FEW = 2  # models of which all plans are listed
# Columns that go where there is no room, by their titles, the first first.
_SPARE = ("bits", "lost nats", "state", "KV cache", "tokens/s", "weights")


def every(result: MemoryResult) -> tuple[MemoryResult, ...]:
    """All that are compared."""
    return (result, *result.others)


def compared(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """How many of them fit, and into what."""
    listed = every(result)
    fitting, part = sum(answer.fits for answer in listed), sum(answer.split for answer in listed)
    mark = glyphs.yes if fitting else glyphs.half_top if part else glyphs.no
    verdict = f"{mark} {fitting} of {len(listed)} fit{'s' * (fitting == 1)}"
    verdict = verdict if fitting else f"{mark} None of the {len(listed)} fits"
    verdict = f"{mark} {'Both' if fitting == 2 else f'All {fitting}'} fit" if fitting == len(listed) else verdict
    verdict += f" whole, {part} {'more ' if fitting else ''}with a part in RAM" if part else ""
    unit = unit_of(result.budget.limit)
    limit = f"{unit.of(result.budget.limit)} {unit.name} {where(result)}"
    asked = f"at {tokens_text(result.serving.context)} tokens, cache {result.scenario.kv_type}, for {limit}"
    role = "good" if fitting else "warn" if part else "bad"
    rows = (line((verdict, role)), line((asked, "label")))
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)


def comparison(result: MemoryResult, width: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """A row each; that under the keyboard marked."""
    listed = every(result)
    unit = unit_of(max(answer.total for answer in listed))
    shown = [("weights", "weights"), ("kv", "KV cache")]
    shown += [("state", "state")] if any(answer.bytes("state") for answer in listed) else []
    alone = result.choices.grid if result.choices is not None and not result.others else ()
    measured = [answer.across.quality if answer.across else None for answer in listed]
    measured = [row.quality for row in alone if row.format == result.spec] or measured
    names = ["model", "format", "bits", *(name for _, name in shown), f"total {unit.name}", "fits", "tokens/s"]
    names += ["up to", "lost nats"]
    table: list[list[Span | str]] = [[(f"  {name}" if name == "model" else name, "dim") for name in names]]
    for i, answer in enumerate(listed):
        here = i == cursor
        name = short_name(answer.model.name, NAME if width >= 76 else 18, glyphs)
        title = f"{glyphs.right if here else ' '} {name}"
        fits: Span = (glyphs.yes + " yes", "good") if answer.fits else (glyphs.no + " no", "bad")
        fits = (glyphs.half_top + " part", "warn") if answer.split else fits
        sizes: list[Span | str] = [unit.of(answer.bytes(group), 2) for group, _ in shown]
        bits = 8 * answer.weights.bytes / max(1, answer.weights.parameters)
        pace = f"{rate(answer.speed.low)}-{rate(answer.speed.high)}" if answer.speed else "?"
        quality = measured[i]
        lost = nats(quality.kld_mean) if quality is not None and quality.kld_mean is not None else glyphs.minus
        row: list[Span | str] = [
            (title, "cursor" if here else "strong"),
            short_format(answer.spec),
            f"{bits:.2f}",
            *sizes,
        ]
        row += [(unit.of(answer.total, 2), "strong"), fits, pace]
        table.append([*row, at_least(answer.max_context) if answer.max_context else glyphs.minus, f"{lost:<6}"])
    if not any(answer.speed for answer in listed):
        at = names.index("tokens/s")
        names.remove("tokens/s")
        table = [[*row[:at], *row[at + 1 :]] for row in table]
    align = "".join("l" if name in ("model", "format", "fits", "lost nats") else "r" for name in names)
    spare = [names.index(name) for name in _SPARE if name in names]
    whole = max(map(row_width, columns(table, align))) <= width
    rows = fitted(table, align, width, spare, gap=2 if whole else 1)
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)


def totals(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """A bar each to one scale, with the end of the memory there is."""
    listed = every(result)
    most = max(answer.total for answer in listed)
    unit = unit_of(most)
    rows: list[Line] = []
    for answer, name in zip(listed, _names(listed, glyphs), strict=True):
        (drawn,) = bar(answer, max(10, width - cell_count(name) - 10), glyphs, most=most)
        rows.append(line(f"{name}  ", (f"{unit.of(answer.total, 2):>7} ", "strong"), *drawn))
    return (*rows, _fills(listed, glyphs, width))


def _fills(listed: tuple[MemoryResult, ...], glyphs: Glyphs, width: int) -> Line:
    """What the fills of the bars are."""
    kinds = dict.fromkeys(name for answer in listed for name, _ in groups(answer))
    spans: list[Span | str] = []
    for name in (name for name in FILLS if name in kinds):
        shade, role = FILLS[name]
        spans += [(glyphs.shades[shade] * 2, role), f" {'buffers' if name == 'compute' else GROUP_NAMES[name]}   "]
    end = f"{glyphs.vertical} this memory's end"
    return crop(line(*spans, (end, "dim")), width, glyphs.ellipsis)


def sums(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """The terms of the sums below each other, a column each: as many columns as have room."""
    listed = every(result)
    unit = unit_of(max(answer.total for answer in listed))
    shown = max(1, min(len(listed), (width - SUM) // LEAST_SUM))
    cells = min(NAME, (width - SUM) // shown - 2)
    parts = [_in_two(short_name(answer.model.name, 2 * cells, glyphs), cells, glyphs) for answer in listed[:shown]]
    heads = [
        *([[begin for begin, _ in parts]] if any(begin for begin, _ in parts) else []),
        [end for _, end in parts],
    ]
    heads += [[short_format(answer.spec)[:cells] for answer in listed[:shown]]]
    heads = [names for names in heads if len(set(names)) > 1] or heads[:1]
    table: list[list[Span | str]] = [
        [("" if i else unit.name, "dim"), *((name, "strong") for name in names)] for i, names in enumerate(heads)
    ]
    total: list[Span | str] = [(unit.of(answer.total, 3), "strong") for answer in listed[:shown]]
    table.append([("total", "strong"), *total])
    for name in (name for name in GROUP_NAMES if any(answer.bytes(name) for answer in listed)):
        sizes: list[Span | str] = [(unit.of(answer.bytes(name), 3), "strong") for answer in listed[:shown]]
        table.append([(GROUP_NAMES[name], "strong"), *sizes])
        terms = [_by_name(answer, name) for answer in listed]
        for term in dict.fromkeys(term for held in terms for term in held):
            if term != GROUP_NAMES[name]:
                held_by = [unit.of(held[term], 3) if term in held else glyphs.minus for held in terms[:shown]]
                table.append([(f"  {term}"[:SUM], "label"), *held_by])
    grown: list[Span | str] = [f"{answer.growth / 10**6:,.1f}" for answer in listed[:shown]]
    table.append([("each 1k tokens, MB", "label"), *grown])
    more = len(listed) - shown
    rest = [line((f"{more} more in a larger window", "dim"))] if more else []
    return (*(crop(row, width, glyphs.ellipsis) for row in columns(table, "l" + "r" * shown)), *rest)


def _in_two(name: str, cells: int, glyphs: Glyphs) -> tuple[str, str]:
    """A name that is longer than `cells` in two rows, parted behind a hyphen where it has one."""
    if cell_count(name) <= cells:
        return "", name
    at = name.rfind("-", 0, cells) + 1 or cells
    return name[:at], crop_text(name[at:], cells, glyphs.ellipsis)


def _by_name(answer: MemoryResult, group: str) -> dict[str, int]:
    """Bytes of a group's terms, those of one name together."""
    held: dict[str, int] = {}
    for name, term in answer.terms:
        if name == group:
            kind = re.sub(r"[ \d,]+$", "", term.name)  # windows of all lengths
            held[kind] = held.get(kind, 0) + term.bytes
    return held


def speeds(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """A bar each: tokens per second from the slowest to the fastest that is likely."""
    listed = every(result)
    most = max((answer.speed.high for answer in listed if answer.speed), default=0.0)
    if not most:
        return ()
    rows: list[Line] = []
    names = _names(listed, glyphs)
    room = max(8, min(MOST_BAR, width - cell_count(names[0]) - 14))
    for i, (answer, name) in enumerate(zip(listed, names, strict=True)):
        pace = f"{rate(answer.speed.low)}-{rate(answer.speed.high)}" if answer.speed else "none"
        drawn = speed_bar(answer.speed, most, room, SERIES[i % len(SERIES)], glyphs)
        rows.append(line(f"{name}  ", (f"{pace:>9}  ", "strong"), *drawn))
    source = f"tokens per second: {glyphs.shades[-1] * 2} at least, {glyphs.shades[1] * 2} at most, modelled"
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*rows, line((source, "dim"))))


def contexts(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """What each takes at other contexts, with a mark for what fits."""
    listed = every(result)
    grid = [answer.across for answer in listed if answer.across is not None]
    if len(grid) != len(listed):
        return ()
    unit = unit_of(max(cell.total for row in grid for cell in row.cells))
    names = _names(listed, glyphs)
    lengths = [cell.context for cell in grid[0].cells]
    room = max(1, (width - cell_count(names[0]) - 2) // 9)
    chosen = range(len(lengths))[:room]
    table: list[list[Span | str]] = [[(unit.name, "dim"), *((tokens_text(lengths[j]), "dim") for j in chosen)]]
    for answer, row, name in zip(listed, grid, names, strict=True):
        cells: list[Span | str] = []
        for cell in (row.cells[j] for j in chosen):
            beyond = bool(answer.model.context) and cell.context > (answer.model.context or 0)
            mark, role = (glyphs.half_top, "warn") if cell.split else (glyphs.no, "bad")
            mark, role = (glyphs.yes, "good") if cell.fits else (mark, role)
            cells.append((glyphs.minus, "dim") if beyond else (f"{mark} {unit.of(cell.total):>5}", role))
        table.append([name, *cells])
    marks = f"{glyphs.yes} fits   {glyphs.half_top} part of it in RAM   {glyphs.no} no room"
    marks += f"   {glyphs.minus} longer than it was trained for"
    rows = columns(table, "l" + "r" * len(chosen))
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*rows, line((marks, "dim"))))


def kinds(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """What each model is made of, a column each: as many columns as have room."""
    shown = [answer for answer in every(result) if answer.model.arch is not None]
    shown = list({answer.model.name: answer for answer in shown}.values())[: max(1, (width - SUM) // LEAST_KIND)]
    if len(shown) < 2:
        return ()
    facts: dict[str, list[str]] = {"parameters": [short_count(answer.model.parameters) for answer in shown]}
    archs = [answer.model.arch for answer in shown if answer.model.arch is not None]
    facts["layers"] = [f"{arch.num_layers}" for arch in archs]
    facts["width"] = [f"{arch.hidden_size:,}" for arch in archs]
    facts["vocabulary"] = [f"{arch.vocab_size:,}" for arch in archs]
    if any(arch.experts for arch in archs):
        facts["experts of a layer"] = [f"{arch.experts:,}" if arch.experts else glyphs.minus for arch in archs]
    trained = [answer.model.context for answer in shown]
    facts["trained for"] = [tokens_text(context) if context else "?" for context in trained]
    facts["published in"] = [answer.model.dtype for answer in shown]
    cells = min(NAME, (width - SUM) // len(shown) - 2)
    names = [(short_name(answer.model.name, cells, glyphs), "strong") for answer in shown]
    table: list[list[Span | str]] = [["", *names]]
    table += [[(label, "label"), *values] for label, values in facts.items()]
    return tuple(crop(row, width, glyphs.ellipsis) for row in columns(table, "l" + "r" * len(shown)))


def best_plans(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """The balanced plan of each of many models; of one or two models all of their plans."""
    listed, several = _planned(result)
    if not listed:
        return ()
    unit = unit_of(max(plan.total_bytes for _, plan in listed))
    whole = several and len({plan.name for _, plan in listed}) > 1
    head = ("best plan of" if several and not whole else "plan", "format", "cache", "context", "", "tokens/s")
    table: list[list[Span | str]] = [[(name, "dim") for name in (*head, unit.name, "lost")]]
    for i, (answer, plan) in enumerate(listed):
        name = short_name(answer.model.name, 22, glyphs) if several else plan.name
        if whole:
            table += [[(name, "strong")]] if not i or listed[i - 1][0] is not answer else []
            name = f"  {plan.name}"
        mark = (glyphs.yes, "good") if plan.fits else (glyphs.half_top, "warn")
        facts: list[Span | str] = [short_format(plan.format), plan.kv_type, tokens_text(plan.context), mark]
        role = "" if whole else "strong"
        table.append([(name, role), *facts, speed_range(plan), unit.of(plan.total_bytes), loss_of(plan)])
    if not any(plan.speed for _, plan in listed):
        table = [[*row[:5], *row[6:]] for row in table]
    rows = fitted(table, "lllrlrrl"[: len(table[0]) - 1] + "l", width, (2, 3), gap=2 if width >= 76 else 1)
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)


def _planned(result: MemoryResult) -> tuple[list[tuple[MemoryResult, Plan]], bool]:
    """The plans that are worth naming, and whether they are of several models."""
    planned = [(answer, plan) for answer in every(result) for plan in answer.plans]
    models = len({answer.model.name for answer, _ in planned})
    return [(answer, plan) for answer, plan in planned if plan.name == "balanced" or models <= FEW], models > 1


def commands(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """The command of each of the plans; of several models, of the balanced ones."""
    listed, several = _planned(result)
    shown = dict.fromkeys(plan.commands[0] for _, plan in listed if plan.name == "balanced" or not several)
    return tuple(row for program, command in shown for row in command_rows(program, command, width, ""))


def lie(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """What each card and the RAM hold of each."""
    listed = every(result)
    held = [(name, answer) for answer, name in zip(listed, _names(listed, glyphs), strict=True) if answer.devices]
    if not held:
        return ()
    unit = unit_of(max(answer.total for answer in listed))
    table: list[list[Span | str]] = [[(text, "dim") for text in (unit.name, "", "layers", "total", "of", "free")]]
    for name, answer in held:
        for i, device in enumerate(answer.devices):
            free = device.available - device.total
            room: Span = (unit.of(free, 2), "good" if free >= 0 else "bad")
            sizes: list[Span | str] = [(unit.of(device.total, 2), "strong"), unit.of(device.available, 2), room]
            table.append(["" if i else name, safe(device.name), str(device.layers), *sizes])
    return tuple(crop(row, width, glyphs.ellipsis) for row in fitted(table, "llrrrr", width, (4, 2)))


def _names(listed: tuple[MemoryResult, ...], glyphs: Glyphs) -> list[str]:
    """A name each, as long as all of them: the model, the format, or both, whichever tells them apart."""
    models = [short_name(answer.model.name, 22, glyphs) for answer in listed]
    formats = [short_format(answer.spec) for answer in listed]
    one_model, one_format = len(set(models)) == 1, len(set(formats)) == 1
    names = formats if one_model else models
    if not one_model and not one_format:
        short = [short_name(answer.model.name, 14, glyphs) for answer in listed]
        names = [f"{name} {spec}" for name, spec in zip(short, formats, strict=True)]
    most = max(map(cell_count, names))
    return [padded(name, most) for name in names]
