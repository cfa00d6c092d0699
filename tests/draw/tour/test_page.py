"""A step's page: what stands beside the text and under a picture, and that no rows stay blank while it could."""

import pytest

from qtui.draw.glyphs import UNICODE
from qtui.draw.picture import Picture, text, width
from qtui.draw.tour.aside import TourAside, contents, terms_beside, under
from qtui.draw.tour.page import MOST_MARGIN, StepPage
from qtui.scenario.tour.lesson import TourStep
from qtui.scenario.tour.load import SHIPPED, load_lesson
from qtui.scenario.tour.panes import scenario_of
from qtui.scenario.tour.prediction import prediction_of
from qtui.scenario.tour.result import TourResult
from qtui.scenario.tour.scenario import TourScenario
from qtui.tui.panes.tour.player import TourPlayer, texts_of
from qtui.tui.panes.tour.solution import DECLARED

LESSON = load_lesson("")
PLAYER = TourPlayer(LESSON, may_write=False, keymap=DECLARED)


def result_of(step: TourStep, present: bool = False) -> TourResult:
    number = LESSON.steps.index(step) + 1
    chapter = LESSON.chapter_of(number)
    inner = scenario_of(step.show)
    return TourResult(
        scenario=TourScenario("", number, present=present),
        lesson=LESSON,
        step=step,
        number=number,
        chapter=LESSON.chapters[chapter - 1],
        chapter_number=chapter,
        inner=inner,
        shown=None,
        met=None,
        prediction=prediction_of(step) if step.question is not None else None,
    )


def page_of(step: TourStep, cells: int, rows: int, present: bool = False) -> StepPage:
    result = result_of(step, present)
    texts = next(iter(texts_of(step)))[0]
    asks = step.question is not None
    return StepPage(result, texts, lambda: PLAYER.aside(result), cells, rows, asks, step.curtain and asks, UNICODE)


def aside_of(name: str) -> TourAside:
    return PLAYER.aside(result_of(next(step for step in LESSON.steps if step.id == name)))


def longest_blank(picture: Picture) -> int:
    longest = run = 0
    for row in text(picture).splitlines():
        run = 0 if row.strip() else run + 1
        longest = max(longest, run)
    return longest


HIDDEN = [step for step in LESSON.steps if step.curtain]


@pytest.mark.parametrize(
    "size", [(60, 18), (80, 24), (120, 40), (160, 48)], ids=lambda size: "x".join(map(str, size))
)
@pytest.mark.parametrize("present", [False, True])
def test_a_question_without_its_picture_fills_its_window(size: tuple[int, int], present: bool) -> None:
    for step in HIDDEN:
        page = page_of(step, *size, present=present)
        over, under_text, before = page.margins
        taken = len(page.text) + len(page.question) + over + under_text + before + 4  # header, field, status, keys
        left = size[1] - taken
        rest = page.under(left)
        assert left >= 0 and len(rest) <= left, step.id
        assert max(map(width, (*page.text, *page.question, *rest))) <= size[0], step.id
        blank = left - len(rest)
        assert blank <= over + MOST_MARGIN, step.id  # as much as above
        assert present or over + under_text + blank <= max(size[1] // 4, 6), step.id
        assert longest_blank((*page.question, *rest)) <= MOST_MARGIN, step.id


def test_terms_stand_beside_the_text_and_no_second_time_under_the_picture() -> None:
    page = page_of(LESSON.steps[0], 160, 48)
    below = text(page.under(40))
    assert "parameter  one of" in text(page.text) and "parameter  one of" not in below
    assert "On show" in below and "Try" in below and "▶  1 What is a parameter?" in below
    narrow = page_of(LESSON.steps[0], 80, 24)
    assert "│" not in text(narrow.text) and "parameter  one of" in text(narrow.under(8))
    assert text(page.under(30)).splitlines()[0].strip() == "" and page.under(4) == ()


def test_few_rows_have_terms_without_sentences() -> None:
    aside = aside_of("kept-apart")
    assert len(terms_beside(aside, 160, 2).rows) == 2 and "Such" not in text(terms_beside(aside, 160, 2).rows)
    assert len(under(aside, 80, 4, UNICODE, True, ())) == 3  # the title, and two terms


def test_no_term_stands_there_before_the_step_that_introduces_it() -> None:
    for number, step in enumerate(LESSON.steps):
        taught = {word for later in LESSON.steps[number + 1 :] for word in later.words}
        taught -= {word for earlier in LESSON.steps[: number + 1] for word in earlier.words}
        assert not taught & {term.name for term in aside_of(step.id).terms}, step.id
    assert [term.name for term in aside_of("nodes").terms] == ["node", "weight", "parameter"]
    asked = aside_of("overflow")  # its term says what the question asks
    assert asked.introduced == 0 and "overflow" not in {term.name for term in asked.terms}


def test_the_steps_around_this_one_are_listed_as_far_as_rows_allow() -> None:
    aside = aside_of("outlier")
    whole = text(contents(aside, 76, 40, UNICODE))
    assert all(step.title in whole for step in LESSON.steps)
    some = text(contents(aside, 76, 20, UNICODE))
    assert "▶ 22 One large weight" in some and "Eight switches" not in some and "Speed, and choosing" in some
    titles = text(contents(aside, 76, 8, UNICODE))
    assert all(chapter.title in titles for chapter in LESSON.chapters) and "One large weight" not in titles
    few = text(contents(aside, 76, 6, UNICODE))
    assert "In practice" in few and "▶ 22 One large weight" in few and "Quantization" not in few
    assert contents(aside, 76, 4, UNICODE) == ()


def test_a_presentation_keeps_terms_out_of_its_heading() -> None:
    page = page_of(LESSON.steps[0], 160, 48, present=True)
    assert "│" not in text(page.text) and "parameter  one of" in text(page.under(20))


def test_a_presentation_does_not_answer_its_own_question() -> None:
    for step in LESSON.steps:
        assert (step.say in text(page_of(step, 160, 48, present=True).text)) == (step.question is None), step.id


def test_before_the_answer_nothing_is_said_of_the_picture() -> None:
    shown = text(page_of(HIDDEN[0], 160, 48).under(30))
    assert "On show" not in shown and "Words" in shown


@pytest.mark.parametrize("name", SHIPPED)
def test_every_lesson_has_its_list_of_steps(name: str) -> None:
    lesson = load_lesson(name)
    aside = TourAside((), 0, "", "", lesson, 1, frozenset())
    assert lesson.steps[-1].title in text(contents(aside, 76, 60, UNICODE))
