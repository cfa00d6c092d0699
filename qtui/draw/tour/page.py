"""A step in its window: the rows of its text, its picture and its question, and what stands in those left over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.draw.tour.aside import TEXT, Beside, TourAside, has_margin, terms_beside, under, with_terms
from qtui.draw.tour.text import TourTexts, ask, body, presented
from qtui.scenario.tour.result import TourResult

AROUND = 3  # rows of the header, the status and the keys
LEAST_UNDER = 3  # rows under a picture below which nothing stands there
MOST_MARGIN = 3  # rows between the text and the question of a page without a picture


@dataclass(frozen=True)
class StepPage:
    """A step in a window of `cells` by `rows`.

    `asks`: its question waits for an answer; `hides`: so does its picture. `aside` is asked for where it is shown.
    """

    result: TourResult
    texts: TourTexts
    aside: Callable[[], TourAside]
    cells: int
    rows: int
    asks: bool
    hides: bool
    glyphs: Glyphs

    @property
    def _presents(self) -> bool:
        return self.result.scenario.present

    @cached_property
    def _body(self) -> Picture:
        return body(self.texts, TEXT if self._has_terms else self.cells, self.glyphs)

    @property
    def _has_terms(self) -> bool:
        return has_margin(self.cells) and not self._presents

    @cached_property
    def _beside(self) -> Beside:
        return terms_beside(self.aside(), self.cells, len(self._body)) if self._has_terms else Beside((), ())

    @cached_property
    def text(self) -> Picture:
        """What stands over the picture."""
        if self._presents:
            room = self.rows - self._taken - len(self.question)
            return presented(self.result, self.texts, self.cells, room, self.glyphs)
        if not self._has_terms:
            return self._body
        return with_terms(self._body, self._beside.rows, self.cells, self.glyphs)

    @cached_property
    def question(self) -> Picture:
        """The goal or the question; without a picture there is room around its answers."""
        tight = ask(self.result, self.texts, self.cells, self.glyphs)
        airy = ask(self.result, self.texts, self.cells, self.glyphs, airy=True)
        least = presented(self.result, self.texts, self.cells, 0, self.glyphs) if self._presents else self._body
        spare = self.rows - AROUND - 1 - len(least) - len(airy)
        return airy if self.hides and spare > 1 else tight

    def under(self, rows: int) -> Picture:
        """What fills `rows` under a picture, or under the question while it hides the picture."""
        rows -= 1 + bool(self.question and not self.hides)  # blank ones
        if rows < LEAST_UNDER:
            return ()
        known = self.aside()
        if self._presents:  # a class is not to read what it has heard
            known = replace(known, terms=known.terms[: known.introduced])
        aside = under(known, self.cells, rows, self.glyphs, self.hides, self._beside.terms)
        return ((), *aside) if aside else ()

    @property
    def margins(self) -> tuple[int, int, int]:
        """Blank rows over the text, under it, over the question; a page without a picture stands in the middle."""
        spare = self.rows - len(self.text) - len(self.question) - self._taken
        least = int(spare > 1), int(spare > 0), int(spare > 2 and bool(self.question))
        if not self.hides:
            return least
        spare -= len(self.under(spare - 2))
        between = min(max(spare // 6, least[1]), MOST_MARGIN)
        return max((spare - between) // 2, least[0]), between, 0

    @property
    def _taken(self) -> int:
        """Rows of the frame, of the field for an answer and, if it is shown, of the picture."""
        return AROUND + self.asks + self.result.step.rows * (not self.hides)
