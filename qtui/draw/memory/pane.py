"""The Memory pane's picture: verdict and bar, then the view, with its companions where there is room for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from qtui.draw.frame import GAP, beside, sentence, size_of, split, title
from qtui.draw.glyphs import Glyphs
from qtui.draw.memory import compare
from qtui.draw.memory.buy import asked, buy
from qtui.draw.memory.cards import cards
from qtui.draw.memory.grid import grid
from qtui.draw.memory.grid import place as place_in_grid
from qtui.draw.memory.head import bar, headline, legend, paced, step
from qtui.draw.memory.here import first_shown, here, rows_of, runs_on, with_others
from qtui.draw.memory.plans import caveats, plans, with_command
from qtui.draw.memory.speed import speed
from qtui.draw.memory.terms import notes, terms, with_notes
from qtui.draw.memory.training import training, training_head
from qtui.draw.memory.words import TITLES
from qtui.draw.memory.words import sentence as words
from qtui.draw.picture import Line, Picture, crop, line
from qtui.scenario.memory.result import MemoryResult

# What stands with each view: below it in a medium window; in a large one in two columns, left and right, and last
# what goes into the one with more room.
MEDIUM = {
    "plans": ("plans", "grid", "terms"),
    "grid": ("grid", "plans", "terms"),
    "terms": ("terms", "grid"),
    "cards": ("cards", "speed"),
    "speed": ("speed", "cards"),
    "train": ("train", "terms", "grid"),
    "compared": ("compare", "totals", "each", "contexts", "speeds", "sums"),
    "compare": ("compare", "plans", "grid"),  # nothing to compare with
}
LARGE = {
    "plans": (("plans", "grid"), ("terms",), ("cards", "speed")),
    "grid": (("grid", "plans"), ("terms",), ("cards", "speed")),
    "terms": (("terms", "grid"), ("speed",), ("cards",)),
    "cards": (("cards", "grid"), ("speed",), ("terms",)),
    "speed": (("speed", "plans"), ("cards",), ("terms",)),
    "train": (("train",), ("terms",), ("cards", "grid")),
    "buy": (("buy",), ("cards",), ("terms",)),
    "compare": (("compare", "plans", "grid"), ("terms",), ("cards",)),
    "compared": (
        ("compare", "totals", "contexts", "speeds", "commands", "notes"),
        ("sums", "each", "lie"),
        ("kinds",),
    ),
}
SHARE = 0.6  # of a large window, the left column
LOW = 15  # rows below which the picture has no gaps, and of the head only what its view does not say
LEAST = 3  # rows below which a companion is left out
LEAST_VIEW = 4  # rows of a view from which a sentence stands below it


class Keyboard(NamedTuple):
    """Whether the keyboard is on the picture, on which row of a list, and the first row of a long view."""

    focused: bool = False
    row: int = 0
    first: int = 0
    marked: frozenset[str] = frozenset()  # models
    take_key: str = ""  # what takes the next step or the marked row, as the person has it
    model_key: str = ""  # what finds a model
    copy_key: str = ""  # what copies the command of a plan
    measure_key: str = ""  # what measures this machine's memory


class PlacedTable(NamedTuple):
    """Where a table was drawn: the cell of its heading, its width and the rows it had; `first` row of a list."""

    kind: str
    x: int
    y: int
    width: int
    rows: int
    first: int = 0


class MemoryPicture(NamedTuple):
    """The picture, where its tables are, and how many rows of the view are hidden below the last shown."""

    rows: Picture
    spots: tuple[PlacedTable, ...]
    hidden: int


def _title(view: str, here: bool, result: MemoryResult) -> str:
    """A view's title; beside training it says that it is not about that."""
    return f"{TITLES[view]}, to run it" if result.training and not here else TITLES[view]


class _Column:
    """Blocks below each other in a column of the picture."""

    def __init__(self, width: int, height: int, gap: int) -> None:
        self.width = width
        self.height = height
        self.rows: list[Line] = []
        self.spots: list[PlacedTable] = []
        self.hidden = 0
        self._gap = gap

    @property
    def room(self) -> int:
        return self.height - len(self.rows) - (self._gap if self.rows else 0)

    def add(self, view: str, result: MemoryResult, glyphs: Glyphs, keys: Keyboard, here: bool, titled: bool) -> None:
        room = self.room - titled
        if room < (1 if here else LEAST):
            return
        drawn = block(result, view, self.width, room, glyphs, keys if here else keys._replace(focused=False, row=-1))
        place = TITLES[view] if view in LARGE else "a larger window"
        shown, hidden = window(drawn, room, keys.first if here else 0, glyphs, "" if here else place)
        if not shown:
            return
        self.rows += [line()] * (self._gap if self.rows else 0)
        self.rows += [title(_title(view, here, result), self.width, glyphs)] if titled else []
        if view == "grid" or view in LISTS:
            long = listed(result, view) if view in ("here", "buy") else 0
            first = first_shown(long, max(keys.row, 0), rows_of(room)) if long else 0
            self.spots.append(PlacedTable(view, 0, len(self.rows), self.width, len(shown), first))
        self.rows += shown
        self.hidden = hidden if here else self.hidden


def picture(
    result: MemoryResult, view: str, width: int, height: int, glyphs: Glyphs, keys: Keyboard
) -> MemoryPicture:
    """All of the pane in `height` rows of `width` cells."""
    view = shown_view(result, view)
    size = size_of(width, height + 6)
    roomy = height >= LOW
    below = sentence(words(result, view, keys.row), width)
    if roomy:
        head = _head(result, view, width, glyphs, keys, size != "small")
    else:
        head = _low_head(result, view, width, glyphs, keys)
    if height - len(head) - len(below) < LEAST_VIEW:  # rows of a table say more than words about them
        below = ()
    room = max(1, height - len(head) - len(below) - 2 * roomy)
    layout = "compared" if result.others else view
    if size == "large" and layout in LARGE:
        rows, spots, hidden = _two_columns(result, view, width, room, glyphs, keys)
    else:
        column = _Column(width, room, 1)
        names = MEDIUM.get(layout, (view,))
        alone = size == "small" and view != "compare" and _tells(result, view)
        for name in names[:1] if alone else names:
            column.add(name, result, glyphs, keys, name == view, titled=size != "small")
        rows, spots, hidden = tuple(column.rows), tuple(column.spots), column.hidden
    # A low window has gaps where rows are left.
    left = height - len(head) - len(rows) - len(below)
    gaps = [((),) if roomy or left > n else () for n in range(2)]
    spots = tuple(spot._replace(y=spot.y + len(head) + len(gaps[0])) for spot in spots)
    drawn = (*head, *gaps[0], *rows, *gaps[1], *below)
    return MemoryPicture(tuple(crop(row, width, glyphs.ellipsis) for row in drawn[:height]), spots, hidden)


def _tells(result: MemoryResult, view: str) -> bool:
    """Whether `view` has anything to show of `result`."""
    return bool(result.plans if view == "plans" else result.training if view == "train" else True)


def shown_view(result: MemoryResult, view: str) -> str:
    """The view that is drawn: of several models there is no other than their comparison."""
    return "compare" if result.others else view if view in TITLES else "plans"


def _verdict(result: MemoryResult, view: str, width: int, glyphs: Glyphs, keys: Keyboard) -> Picture:
    """The first two rows: the verdict, in the view of the speed that before it, and what it is about."""
    if view == "speed":
        return paced(result, width, glyphs)
    return headline(result, width, glyphs, keys.measure_key)


def _low_head(result: MemoryResult, view: str, width: int, glyphs: Glyphs, keys: Keyboard) -> Picture:
    """The verdict, and in a low window only what the view below it does not say."""
    if view in ("buy", "train", "here", "compare"):
        return _head(result, view, width, glyphs, keys, False)[:1]
    verdict = _verdict(result, view, width, glyphs, keys)[:1]
    if view == "plans":
        return (*verdict, *bar(result, width, glyphs), *legend(result, width, glyphs))
    return (*verdict, *_step(result, view, width, glyphs, keys)) if view == "grid" else verdict


def _step(result: MemoryResult, view: str, width: int, glyphs: Glyphs, keys: Keyboard) -> Picture:
    """The next step; without the key where that takes a row of the view."""
    take_key = "" if listed(result, view) and view in LISTS else keys.take_key
    return step(result, width, glyphs, take_key, keys.model_key)


def _head(result: MemoryResult, view: str, width: int, glyphs: Glyphs, keys: Keyboard, labelled: bool) -> Picture:
    """The verdict, the bar, its legend, and where the view does not say it the next step."""
    if result.others:
        return compare.compared(result, width, glyphs)
    if view == "buy" and result.to_buy is not None:
        return asked(result.to_buy, width, glyphs)
    if view == "train" and result.training:
        return training_head(result, width, glyphs)
    if view == "here" and result.here is not None:
        return runs_on(result.here, width, glyphs)
    listed_above = view == "plans" and not labelled and result.plans
    next_step = () if listed_above else _step(result, view, width, glyphs, keys)
    return (
        *_verdict(result, view, width, glyphs, keys),
        *bar(result, width, glyphs, labelled),
        *legend(result, width, glyphs),
        *next_step,
    )


def _two_columns(
    result: MemoryResult, view: str, width: int, height: int, glyphs: Glyphs, keys: Keyboard
) -> tuple[Picture, tuple[PlacedTable, ...], int]:
    layout = "compared" if result.others else view
    places = split(width, SHARE)
    columns = []
    *fixed, free = LARGE[layout]
    for names, cells in zip(fixed, places, strict=True):
        column = _Column(cells, height, 1)
        for name in names:
            column.add(name, result, glyphs, keys, name == view, titled=True)
        columns.append(column)
    left, right = columns
    for name in free:
        roomier = max(columns, key=lambda column: column.room)
        roomier.add(name, result, glyphs, keys, False, titled=True)
    moved = [spot._replace(x=places.left + GAP) for spot in right.spots]
    return beside(left.rows, right.rows, places), (*left.spots, *moved), left.hidden + right.hidden


Drawn = Callable[[MemoryResult, int, Glyphs], Picture]
# What draws a view in as many rows as it needs.
BLOCKS: dict[str, Drawn] = {
    "terms": lambda result, width, glyphs: with_notes(terms(result, width, glyphs), result, width, glyphs),
    "cards": lambda result, width, glyphs: with_notes(cards(result, width, glyphs), result, width, glyphs),
    "speed": speed,
    "totals": compare.totals,
    "contexts": compare.contexts,
    "speeds": compare.speeds,
    "sums": compare.sums,
    "each": compare.best_plans,
    "lie": compare.lie,
    "kinds": compare.kinds,
    "notes": lambda result, width, glyphs: (*notes(result, width, glyphs), *caveats(result, width, glyphs)),
    "commands": compare.commands,
}
LISTS = ("plans", "here", "buy", "compare")  # views whose rows are walked, and taken by Enter


def listed(result: MemoryResult, view: str) -> int:
    """Rows of the list that `view` is; 0 where it is none."""
    rows: dict[str, Sequence[object]] = {"plans": result.plans}
    rows["compare"] = (result, *result.others) if result.others else ()
    rows["here"] = result.here.rows if result.here is not None else ()
    rows["buy"] = result.to_buy.rows if result.to_buy is not None else ()
    return len(rows.get(view, ()))


def block(result: MemoryResult, view: str, width: int, height: int, glyphs: Glyphs, keys: Keyboard) -> Picture:
    """The rows of one view, without its title; the lists keep to `height`, of the others there may be more."""
    cursor = keys.row if keys.focused else None
    if view == "here" and result.here is not None:
        rows = here(result.here, width, glyphs, cursor, height, keys.marked, keys.take_key)
        rows = with_command(rows, result.here.rows, keys.row, width, height)
        return with_others(rows, result.here, width, height, glyphs)
    if view == "buy" and result.to_buy is not None:
        rows = buy(result.to_buy, width, glyphs, cursor, height, keys.take_key)
        return with_command(rows, result.to_buy.rows, keys.row, width, height)
    if view == "plans":
        return plans(result, width, glyphs, keys.row if keys.row >= 0 else None, height, keys.copy_key)
    if view == "grid":
        return grid(result, width, glyphs, cursor_of(result) if keys.focused else None, height)
    if view == "compare":
        return compare.comparison(result, width, glyphs, cursor if result.others else None)
    if view == "train":
        return training(result, width, glyphs, height)
    return BLOCKS[view](result, width, glyphs) if view in BLOCKS else ()


def window(rows: Sequence[Line], height: int, first: int, glyphs: Glyphs, place: str = "") -> tuple[Picture, int]:
    """`height` of the `rows` from `first` on, the last of them saying how many more there are, and that number.

    Of what can't be scrolled it says in which `place` they are.
    """
    if len(rows) <= height:
        return tuple(rows), 0
    room = max(1, height - 1)
    first = max(0, min(first, len(rows) - room))
    below = len(rows) - first - room
    signs = [f"{glyphs.up} {first} more above"] if first else []
    signs += [f"{below} more rows in {place}" if place else f"{glyphs.down} {below} more below"] if below else []
    return (*rows[first : first + room], line(("   ".join(signs), "dim"))), below


def cursor_of(result: MemoryResult) -> tuple[int, int] | None:
    """The (row, context) of the grid where the Scenario is, None without a grid."""
    choices = result.choices
    if choices is None:
        return None
    return choices.formats.index(result.spec), choices.contexts.index(result.serving.context)


def pointed(result: MemoryResult, drawn: MemoryPicture, x: int, y: int) -> tuple[str, int, int] | None:
    """What is at cell (x, y): ("grid", row, context), or a list and its row."""
    for spot in drawn.spots:
        if not (spot.x <= x < spot.x + spot.width and spot.y <= y < spot.y + spot.rows):
            continue
        if spot.kind == "grid":
            place = place_in_grid(result, spot.width, x - spot.x, y - spot.y, spot.rows)
            return ("grid", *place) if place is not None else None
        return spot.kind, y - spot.y - 1 + spot.first, 0
    return None
