"""What stands around a step where there is room: terms beside its text, a card and the steps under its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from qtui.draw.frame import Columns, beside, group, split, stack
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, crop, line, pad, width
from qtui.draw.picture import beside as side_by_side
from qtui.draw.safe import cell_count, wrapped
from qtui.scenario.tour.lesson import TourLesson
from qtui.words.load import GlossaryTerm

TEXT = 76  # cells of a step's text, its margin included
GAP = 3  # cells between the text and the terms, the rule included
LEAST_TERMS = 36  # cells
LEAST_STEPS, WIDEST_STEPS = 32, 44  # cells of a column of steps
MARGIN = 2  # cells left of what stands under a picture
WIDEST = 76  # cells of a line that is read


@dataclass(frozen=True)
class TourAside:
    """`terms` begin with the `introduced` ones that are the step's own; those on its picture and earlier ones follow.

    `shows` and `attempt` are those of the card of the view; `done` has the ids of the lesson's steps that are done.
    """

    terms: tuple[GlossaryTerm, ...]
    introduced: int
    shows: str
    attempt: str
    lesson: TourLesson
    number: int
    done: frozenset[str]


def has_margin(cells: int) -> bool:
    """Whether a window of `cells` has room for terms beside the text."""
    return cells >= TEXT + GAP + LEAST_TERMS


class Beside(NamedTuple):
    """Terms that stand beside a text, and their rows."""

    terms: tuple[GlossaryTerm, ...]
    rows: Picture


def terms_beside(aside: TourAside, cells: int, rows: int) -> Beside:
    """The step's own terms and others, as many as `rows` allow; without any of its own, those of its picture."""
    room = cells - TEXT - GAP - 1
    least = sum(len(term_rows(term, room, whole=False)) for term in aside.terms[: aside.introduced])
    return _chosen(aside.terms, aside.introduced, room, max(rows, least))


def _chosen(terms: Sequence[GlossaryTerm], least: int, cells: int, rows: int) -> Beside:
    """The first `least` terms, with their sentences as far as `rows` allow that, and then others whole."""
    plain = [term_rows(term, cells, whole=False) for term in terms]
    shown: list[Line] = [row for term in plain[:least] for row in term]
    count = 0
    for at, term in enumerate(terms):
        whole = term_rows(term, cells)
        more = whole if at >= least else whole[len(plain[at]) :]
        if len(shown) + len(more) > rows:
            break
        ahead = sum(len(part) for part in plain[at + 1 : least])
        shown[len(shown) - ahead : len(shown) - ahead] = more
        count = at + 1
    return Beside(tuple(terms[: max(least, count)]), tuple(shown[:rows]))


def with_terms(text: Picture, terms: Picture, cells: int, glyphs: Glyphs) -> Picture:
    """The text, and `terms` beside it, behind a rule."""
    margin = tuple(
        crop(line((glyphs.vertical + " ", "axis"), *row), cells - TEXT - 1, glyphs.ellipsis) for row in terms
    )
    return side_by_side(text, margin, TEXT, 1)


def term_rows(term: GlossaryTerm, cells: int, whole: bool = True) -> list[Line]:
    """A term with its plain word and, if `whole`, its sentences."""
    rows = [line((term.name, "strong"), f"  {term.plain}")]
    if width(rows[0]) > cells:
        rows = [line((term.name, "strong")), *(line(f"  {row}") for row in wrapped(term.plain, cells - 2))]
    return rows + [line(f"  {row}") for row in wrapped(term.text, cells - 2)] if whole else rows


def under(
    aside: TourAside, cells: int, rows: int, glyphs: Glyphs, hides: bool, seen: Sequence[GlossaryTerm]
) -> Picture:
    """What fills `rows` under a picture; while the picture waits for an answer (`hides`) it says nothing of it.

    Terms come first, unless the step's own are `seen` beside the text; two columns have the steps at the right.
    """
    room = cells - 2 * MARGIN
    columns = split(room, 0.5) if room >= WIDEST + LEAST_TERMS else Columns(min(room, WIDEST), 0)
    parts: list[Picture] = []
    if not hides:
        shows = [line(row) for row in wrapped(aside.shows, columns.left)]
        attempt = [line(row) for row in wrapped(aside.attempt, columns.left)]
        parts = [group(name, part, columns.left, glyphs) for name, part in (("On show", shows), ("Try", attempt))]
    over = len(stack(*parts, height=rows)) if seen else 0
    least = sum(term not in seen for term in aside.terms[: aside.introduced])
    new = [term for term in aside.terms if term not in seen]
    terms = _chosen(new, least, columns.left, max(rows - over - bool(over) - 1, 0))
    words = group("Words", terms.rows, columns.left, glyphs)
    left = stack(*parts, words, height=rows) if seen else stack(words, *parts, height=rows)
    if not left:
        shown = contents(aside, room, rows, glyphs)
    elif not columns.right:
        steps = contents(aside, columns.left, rows - len(left) - 1, glyphs)
        shown = stack(left, steps, height=rows)
    else:
        shown = beside(left, contents(aside, columns.right, rows, glyphs), columns)
    return tuple(crop(line(" " * MARGIN, *row), cells, glyphs.ellipsis) for row in shown)


def contents(aside: TourAside, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """The lesson's steps: all in one column or two, else those of as many chapters as `rows` allow around this one.

    Where there is no room for the chapters' titles either, it is the steps of this chapter.
    """
    lesson, one = aside.lesson, min(cells, WIDEST_STEPS)
    count, here = len(lesson.chapters), lesson.chapter_of(aside.number)
    if count == 1:
        return _alone(aside, 1, cells, rows, glyphs)
    column = stack(*(_chapter(aside, at, one, glyphs) for at in range(1, count + 1)))
    whole = (
        column
        if len(column) < rows
        else _in_columns(
            [_chapter(aside, at, (cells - 2) // 2, glyphs) for at in range(1, count + 1)], cells, rows - 1
        )
    )
    if whole:
        return group(lesson.title, whole, cells, glyphs)
    nearest = sorted(range(1, count + 1), key=lambda at: (abs(at - here), at < here))
    shown: Picture = ()
    for last in range(count + 1):
        parts = [_chapter(aside, at, one, glyphs, at in nearest[:last]) for at in range(1, count + 1)]
        longer = tuple(row for part in parts for row in part)
        if len(longer) >= rows:
            break
        shown = longer
    if shown:
        return group(lesson.title, shown, cells, glyphs)
    return _alone(aside, here, cells, rows, glyphs)


def _alone(aside: TourAside, at: int, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """The steps of one chapter, if `rows` hold them."""
    steps = _chapter(aside, at, min(cells, WIDEST_STEPS), glyphs)[1:]
    return group(aside.lesson.chapters[at - 1].title, steps, cells, glyphs) if len(steps) < rows else ()


def _in_columns(parts: Sequence[Picture], cells: int, rows: int) -> Picture:
    """Chapters in two columns about as tall, with blank rows between them if `rows` allow that; () for no room."""
    half = (cells - 2) // 2
    if half < LEAST_STEPS or len(parts) < 2:
        return ()
    cut = min(range(1, len(parts)), key=lambda at: max(sum(map(len, parts[:at])), sum(map(len, parts[at:]))))
    airy = side_by_side(stack(*parts[:cut]), stack(*parts[cut:]), half, 2)
    tight = side_by_side(
        [r for part in parts[:cut] for r in part], [r for part in parts[cut:] for r in part], half, 2
    )
    return next((picture for picture in (airy, tight) if len(picture) <= rows), ())


def _chapter(aside: TourAside, at: int, cells: int, glyphs: Glyphs, steps: bool = True) -> Picture:
    """A chapter with how much of it is done and, if wanted, its steps; the present one is marked."""
    chapter = aside.lesson.chapters[at - 1]
    done = sum(step.id in aside.done for step in chapter.steps)
    mark = (glyphs.yes, "good") if done == len(chapter.steps) else (" ", "")
    count = f"{done} of {len(chapter.steps)}"
    if not steps and at == aside.lesson.chapter_of(aside.number):
        mark = (glyphs.right, "series1")
    heading = line(mark, " ", (chapter.title, "strong" if steps else ""))
    rows = [line(*pad(heading, cells - cell_count(count)), (count, "dim"))]
    first = aside.lesson.first_of(at)
    for number, step in enumerate(chapter.steps if steps else (), start=first):
        mark = (glyphs.yes, "good") if step.id in aside.done else (" ", "")
        here = number == aside.number
        mark = (glyphs.right, "series1") if here else mark
        rows.append(crop(line("  ", mark, f" {number:2} ", (step.title, "strong" * here)), cells))
    return tuple(rows)
