"""A card: what a view shows, the three terms on it with their plain words, and one thing to try."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtui.draw.frame import group
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, line
from qtui.draw.safe import cell_count, padded, wrapped
from qtui.words.load import GlossaryTerm, ViewCard, terms_of

READABLE = 76  # cells of a line of text


def card_picture(card: ViewCard, width: int, rows: int, key_of: Callable[[str], str]) -> Picture:
    """`card` in `width` cells; where `rows` allow it, each term with its sentences as well."""
    card = card.with_keys(key_of)
    whole = _drawn(card, width, whole=True)
    return whole if len(whole) <= rows else _drawn(card, width, whole=False)


def about(card: ViewCard, width: int, whole: bool = True) -> Picture:
    """What the view of `card` shows, and its terms: with their sentences where it is `whole`."""
    return (*(line(row) for row in wrapped(card.shows, width)), (), *terms(card.terms, width, whole))


def terms(listed: Sequence[GlossaryTerm], width: int, whole: bool = True, rows: int = 10**6) -> Picture:
    """Terms with their plain words, with their sentences where they are `whole`: as many as `rows` hold."""
    wide = max((cell_count(term.name) for term in listed), default=0)
    drawn: list[Line] = []
    for term in listed:
        block = _beside((padded(term.name, wide), "strong"), term.plain, width)
        block += (
            [line(" " * (wide + 2), (row, "dim")) for row in wrapped(term.text, width - wide - 2)] if whole else []
        )
        drawn += block if len(drawn) + len(block) <= rows else []
    return tuple(drawn)


def words_of(panes: Sequence[str], but: ViewCard, width: int, rows: int, glyphs: Glyphs) -> Picture:
    """The terms of `panes` that are not on the card `but`, with their sentences: as many as `rows` hold."""
    known = dict.fromkeys(term for pane in panes for term in terms_of(pane) if term not in but.terms)
    return group("Words that you will meet", terms(list(known), width, rows=rows - 1), width, glyphs)


def _drawn(card: ViewCard, width: int, whole: bool) -> Picture:
    return (*about(card, width, whole), (), *_beside(("Try", "label"), card.attempt, width))


def _beside(head: tuple[str, str], text: str, width: int) -> list[Line]:
    """`head`, and beside it `text`, whose further rows keep their distance from the edge."""
    indent = cell_count(head[0]) + 2
    first, *more = wrapped(text, width - indent)
    return [line(head, f"  {first}"), *(line(" " * indent, row) for row in more)]
