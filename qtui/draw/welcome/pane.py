"""The welcome: one sentence, three doors, and in a larger window what squeezing does to a large model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qtui.draw.frame import beside, group, sentence, split, stack
from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.plans import speed_range
from qtui.draw.memory.text import short_format
from qtui.draw.picture import Line, Picture, Span, columns, crop, line
from qtui.draw.safe import cell_count, crop_text, cut, safe, wrapped
from qtui.draw.units import decimal, gigabytes, short_count
from qtui.draw.welcome import words
from qtui.scenario.welcome.result import LargeSize, WelcomeResult
from qtui.scenario.welcome.scenario import FORMATS, LARGE
from qtui.words.load import glossary

NARROW = 72  # cells below which a door's title has a row of its own
BAR = 14  # the least cells of a bar
SENTENCE = 150  # characters of the sentence under the bars, about
DOORS = 13  # rows of the doors in a large window, once answers have come that are longer than a row
WIDE, TALL = 118, 24  # the least window that has two columns
# Terms that everybody meets, in the order in which the panes bring them.
FIRST_WORDS = (
    "parameter", "weight", "tensor", "layer", "byte", "bits per weight", "token", "context", "KV cache",
    "compute buffer", "tokens per second", "mix", "sign", "exponent", "mantissa", "ulp", "rounding", "subnormal",
    "code", "scale", "zero point", "grid", "block", "symmetric", "asymmetric", "outlier", "clipped", "side table",
    "relative error", "histogram", "RMSE", "SQNR", "importance", "prompt", "probability", "perplexity",
    "KL divergence", "nats", "same top", "super weight",
)  # fmt: skip


@dataclass(frozen=True)
class WelcomeDoor:
    """A way in: its key, its name, and what to say of it, the most important first."""

    key: str
    title: str
    rows: tuple[str, ...]


def doors(result: WelcomeResult | None, closed: str) -> tuple[WelcomeDoor, ...]:
    """The three doors; `closed` says why files can't be opened, if so."""
    machine = words.machine_words(result.machine) if result is not None else "looking at this machine"
    look = (words.LOOKS_AT, words.files_words(result))
    return (
        WelcomeDoor("L", "Learn", words.learn_words(result)),
        WelcomeDoor("F", "Does it fit?", (*words.fit_words(result), machine)),
        WelcomeDoor("O", "Look inside a file", (closed,) if closed else look),
    )


def welcome(
    result: WelcomeResult | None,
    ways: Sequence[WelcomeDoor],
    mark: int,
    width: int,
    height: int,
    glyphs: Glyphs,
    pane_keys: Sequence[str] = "12345",
) -> Picture:
    """The whole picture; the door under `mark` is the one that is opened next, and `pane_keys` open the panes."""
    sides = split(width, 0.5)
    head = tuple(line("  ", (row, "strong")) for row in wrapped(words.IN_ONE_SENTENCE, max(width - 4, 20)))
    if width < WIDE or height < TALL:
        return _cropped(_one_column(result, ways, mark, head, width, height, glyphs, pane_keys), width, glyphs)
    opened = _doors(ways, mark, sides.left, glyphs)
    left = stack((*opened, *[()] * (DOORS - len(opened))), _panes(pane_keys, sides.left, glyphs))
    chart = bars(result, sides.right, glyphs)
    # Words stand below; what they leave is for models and files, and kept free until those are known.
    room = max(len(left), height - len(head) - 1 - (len(FIRST_WORDS) + 1) // 2 - 2)
    spare = room - len(chart) - 1
    near = files(result, sides.right, min(spare // 3, 6), glyphs)
    right = stack(chart, also(result, sides.right, spare - len(near) - bool(near), glyphs), near)
    above = stack(head, (*beside(left, right, sides), *[()] * (room - max(len(left), len(right)))))
    below = _terms(width, height - len(above) - 1, glyphs)
    return _cropped(stack(above, below, height=height), width, glyphs)


def _one_column(
    result: WelcomeResult | None,
    ways: Sequence[WelcomeDoor],
    mark: int,
    head: Picture,
    width: int,
    height: int,
    glyphs: Glyphs,
    pane_keys: Sequence[str],
) -> Picture:
    """The sentence and the doors, saying as much as leaves room for the bars, and what else has room."""
    chart = bars(result, width, glyphs, brief=True)
    rest = (_panes(pane_keys, width, glyphs), also(result, width, 6, glyphs), files(result, width, 4, glyphs))
    brief = [tuple(replace(way, rows=way.rows[:most]) for way in ways) for most in (3, 2, 1, 0)]
    drawn = [_doors(some, mark, width, glyphs, whole) for some in brief for whole in (True, False)]
    most = height - len(head) - 1
    fitting = [picture for picture in drawn if len(picture) <= most] or drawn[-1:]
    opened = next((picture for picture in fitting[:-1] if len(picture) + len(chart) + 1 <= most), fitting[0])
    return stack(head, opened, chart, *rest, height=height)


def door_at(ways: Sequence[WelcomeDoor], picture: Picture, width: int, x: int, y: int) -> int | None:
    """The number of the door whose rows hold the cell (x, y) of a picture in `width` cells; None where none does."""
    left = split(width, 0.5).left
    at = None
    for spans in picture[: y + 1]:
        text = "".join(text for text, _ in spans)[:left].rstrip()
        begins = [number for number, door in enumerate(ways) if text[3:].startswith(f"{door.key}  {door.title}")]
        at = begins[0] if begins else at if text.startswith("   ") else None
    return at if x < left else None


def _doors(ways: Sequence[WelcomeDoor], mark: int, width: int, glyphs: Glyphs, whole: bool = True) -> Picture:
    """The doors; where not `whole`, a text that is longer than its row is cut."""
    titled = width >= NARROW  # the texts stand beside the titles
    wide = max(cell_count(way.title) for way in ways) + 3 if titled else 0
    indent = 6 + wide
    rows: list[Line] = []
    for number, way in enumerate(ways):
        room = max(width - indent, 20)
        texts: list[Span] = [
            (row, "dim" if place else "")
            for place, text in enumerate(way.rows)
            for row in (wrapped(text, room) if whole else [_shortened(text, room, glyphs)])
        ]
        pointer = glyphs.right if number == mark else " "
        title = (way.title, "cursor" if number == mark else "strong")
        gap = " " * (wide - cell_count(way.title))
        first: Span = texts.pop(0) if titled and texts else ("", "")
        rows += [()] if rows else []
        rows.append(line(f" {pointer} ", (way.key, "key"), "  ", title, gap, first))
        rows += [line(" " * indent, text) for text in texts]
    return tuple(rows)


def _shortened(text: str, room: int, glyphs: Glyphs) -> str:
    """Cut to `room` cells, before its last comma where that suffices."""
    begin = text.rpartition(", ")[0] + glyphs.ellipsis
    fits = cell_count(text) > room >= cell_count(begin) > room // 2
    return begin if fits else crop_text(text, room, glyphs.ellipsis)


def bars(result: WelcomeResult | None, width: int, glyphs: Glyphs, brief: bool = False) -> Picture:
    """A bar for each format, with a stroke where this machine ends; while nothing is known, room for as many.

    `brief`: with a sentence that has room where there was room for it.
    """
    usual = len(sentence("x " * (SENTENCE // 2), width, 4))
    if result is None:
        waiting = line(" ", ("working out how large it is in each", "dim"))
        return group(_title(LARGE), (waiting, *[()] * (len(FORMATS) - 1 + usual)), width, glyphs)
    names = [f"{size.bits:.1f} bits" for size in result.large]
    formats = [short_format(size.format) for size in result.large]
    sizes = [decimal(size.bytes) for size in result.large]
    before = columns([[(a, "strong"), b, c] for a, b, c in zip(names, formats, sizes, strict=True)], "rlr", gap=1)
    used = max(sum(cell_count(text) for text, _ in row) for row in before)
    room = width - used - 4
    if room < BAR:
        return ()
    rows = []
    for row, size in zip(before, result.large, strict=True):
        gap = used - sum(cell_count(text) for text, _ in row) + 1
        rows.append(line(*row, " " * gap, *_bar(result, size, room, glyphs), " ", *_verdict(size, glyphs)))
    text = sentence(words.sentence(result, glyphs.vertical), width, 4)
    if brief and len(text) > usual:
        text = sentence(words.sentence(result, glyphs.vertical, brief), width, 4)
    return group(_title(result.large_name), (*rows, *text), width, glyphs)


def _title(model: str) -> str:
    return f"{model.rpartition('/')[2]}, in fewer and fewer bits"


def _bar(result: WelcomeResult, size: LargeSize, room: int, glyphs: Glyphs) -> Line:
    """`size` to the scale of the first, with the end of this machine's memory, where it lies within."""
    most = max(model.bytes for model in result.large)
    full = max(round(room * size.bytes / most), 1)
    end = round(room * result.room / most)
    inside, outside = min(full, end), max(full - end, 0)
    role = "good" if size.fits else "warn" if size.split else "bad"
    block, light = glyphs.shades[-1], glyphs.shades[1]
    if end >= room:
        return line((block * full, role), " " * (room - full))
    stroke = (glyphs.vertical, "strong")
    if outside:
        after = light * (outside - 1)
        return line((block * inside, role), stroke, (after, role), " " * max(room - inside - 1 - len(after), 0))
    return line((block * inside, role), " " * (end - inside), stroke, " " * max(room - end - 1, 0))


def _verdict(size: LargeSize, glyphs: Glyphs) -> Line:
    mark = (glyphs.yes, "good") if size.fits else (glyphs.half_top, "warn") if size.split else (glyphs.no, "bad")
    return line(mark)


def _panes(pane_keys: Sequence[str], width: int, glyphs: Glyphs) -> Picture:
    panes = zip(pane_keys, words.PANES, strict=True)
    rows = columns([[(key, "key"), (title, "strong"), what] for key, (title, what) in panes], "lll")
    return group("The panes", tuple(line(" ", *row) for row in rows), width, glyphs)


def also(result: WelcomeResult | None, width: int, most: int, glyphs: Glyphs) -> Picture:
    """The models that run well here, the largest first, in at most `most` rows with their title."""
    if result is None or result.fit is None or most < 3:
        return ()
    listed = (result.fit, *result.also)
    fast = any(row.plan.speed for row in listed)
    heads = ("", "numbers", "format", "GB", *["tokens/s"] * fast)
    room = max(width - (42 if fast else 28), 16)
    table: list[list[Span | str]] = [[(name, "dim") for name in heads]]
    for row in listed[: most - 2]:
        name: Span = (crop_text(safe(words.short_name(row.model)), room, glyphs.ellipsis), "strong")
        facts = [short_count(row.parameters), row.plan.format, gigabytes(row.plan.total_bytes)]
        table.append([name, *facts, *[speed_range(row.plan)] * fast])
    return group(
        "What runs well here",
        tuple(line(" ", *row) for row in columns(table, "lrlrr"[: len(table[0])])),
        width,
        glyphs,
    )


def files(result: WelcomeResult | None, width: int, rows: int, glyphs: Glyphs) -> Picture:
    """The first of the files that are here."""
    if result is None or not result.files:
        return ()
    room = max(width - 30, 16)
    listed: list[list[Span | str]] = [
        [cut(safe(file.name), room), decimal(file.bytes), (cut(safe(file.place), 14), "dim")]
        for file in result.files[: max(rows - 1, 1)]
    ]
    return group("Model files here", tuple(line(" ", *row) for row in columns(listed, "lrl")), width, glyphs)


def _terms(width: int, height: int, glyphs: Glyphs) -> Picture:
    """Words that everybody meets, in two columns, as many as have room."""
    sides = split(width, 0.5)
    known = glossary()
    listed = [known[name] for name in FIRST_WORDS]
    half = min((len(listed) + 1) // 2, height - 1)
    if half < 3:
        return ()
    rows: list[list[Span | str]] = [[(term.name, "strong"), term.plain] for term in listed[: 2 * half]]
    left, right = (tuple(line(" ", *row) for row in columns(side, "ll")) for side in (rows[:half], rows[half:]))
    return group("Words that you will meet", beside(left, right, sides), width, glyphs)


def _cropped(picture: Picture, width: int, glyphs: Glyphs) -> Picture:
    return tuple(crop(row, width, glyphs.ellipsis) for row in picture)
