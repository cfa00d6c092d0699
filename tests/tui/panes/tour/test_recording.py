"""The whole tour as it is said: every step at its beginning and at its end, without the picture of its pane.

What the panes draw is theirs to change; what the tour says around them is recorded, in windows of 80 by 24 and of 120
by 40, for one person and for a class.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qtui.draw.glyphs import ASCII, UNICODE
from qtui.draw.picture import Line, line, text, width
from qtui.draw.tour.letters import heading
from qtui.draw.tour.page import AROUND
from qtui.draw.tour.text import TourTexts, ask, body, header, presented
from qtui.scenario.tour.load import SHIPPED, load_lesson
from qtui.scenario.tour.panes import scenario_of
from qtui.scenario.tour.result import TourResult
from qtui.scenario.tour.scenario import TourScenario
from qtui.tui.panes.tour.player import texts_of
from tests.support.pictures import agreed

SIZES = [(80, 24), (120, 40)]


def results(name: str) -> Iterator[TourResult]:
    lesson = load_lesson(name)
    for number, step in enumerate(lesson.steps, start=1):
        chapter = lesson.chapter_of(number)
        yield TourResult(
            scenario=TourScenario(name, number),
            lesson=lesson,
            step=step,
            number=number,
            chapter=lesson.chapters[chapter - 1],
            chapter_number=chapter,
            inner=scenario_of(step.show),
            shown=None,
            met=None,
            prediction=None,
        )


def room(result: TourResult, texts: TourTexts, field: int, cells: int, rows: int) -> int:
    """Rows that the picture and the question leave to the text."""
    return rows - AROUND - field - result.step.rows - len(ask(result, texts, cells, UNICODE))


def recording(name: str, cells: int, rows: int) -> Iterator[Line]:
    for result in results(name):
        yield header(result, False, cells, UNICODE)
        for texts, field in list(texts_of(result.step))[:2]:
            yield from body(texts, cells, UNICODE)
            left = room(result, texts, field, cells, rows) + result.step.rows
            left -= len(body(texts, cells, UNICODE))
            state = result.step.after if texts.answer and result.step.after else result.step.show
            yield line(f"[ {left} rows: {state} ]")
            yield from ask(result, texts, cells, UNICODE)
        yield ()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("lesson", SHIPPED)
def test_what_the_tour_says(lesson: str, size: tuple[int, int]) -> None:
    name = f"tour-{lesson or 'whole'}" + ("" if size == SIZES[0] else f"-{size[0]}")
    assert agreed(name, text(recording(lesson, *size)) + "\n")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("lesson", SHIPPED)
def test_a_class_reads_every_heading_in_block_letters(lesson: str, size: tuple[int, int]) -> None:
    cells, rows = size
    for result in results(lesson):
        for texts, field in texts_of(result.step):
            left = room(result, texts, field, cells, rows)
            shown = presented(result, texts, cells, left, UNICODE)
            assert len(shown) <= left, result.step.id
            assert "█" in text(shown[1:2]) and len(shown[0]) == 2, result.step.id  # a margin and dots
            assert max(map(width, shown)) <= cells


def test_headings_where_there_is_less_room() -> None:
    assert text(heading("Öl", 76, 9, UNICODE)) == "Ö L"  # no such letter
    assert text(heading("Blocks", 76, 2, UNICODE)) == "B L O C K S"
    assert text(heading("Blocks", 9, 2, UNICODE)) == "BLOCKS"
    assert len(heading("Where do the parameters sit?", 76, 6, UNICODE)) == 6
    assert len(heading("Blocks", 76, 15, UNICODE)) == 5 and len(heading("Blocks", 76, 14, UNICODE)) == 3
    assert text(heading("Hi", 76, 5, ASCII)).splitlines() == ["# # #", "# # #", "### #", "# # #", "# # #"]
