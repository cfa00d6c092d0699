"""What a step says, above and below the picture of its pane."""

from __future__ import annotations

from dataclasses import dataclass

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, crop, line, width
from qtui.draw.safe import cell_count, wrapped
from qtui.draw.tour.letters import DOTS, heading
from qtui.draw.tour.reveal import reveal, shown_truth
from qtui.scenario.tour.prediction import Judgement, Prediction
from qtui.scenario.tour.result import TourResult

MARGIN = 2  # cells left of the prose
NAMES = {"do": "Do", "predict": "Predict", "look": "Look", "review": "Again"}


@dataclass(frozen=True)
class TourTexts:
    """The prose of a step with its keys in place, and how far its person is.

    `hints` are those asked for; `answer` is there once the question is answered;
    `met` stays true once the goal was met.
    """

    text: str
    task: str
    success: str
    why: str
    notes: str = ""
    hints: tuple[str, ...] = ()
    prediction: Prediction | None = None
    answer: Judgement | None = None
    met: bool = False


LEAVE: Span = ("? help  q leave ", "dim")


def header(result: TourResult, done: bool, cells: int, glyphs: Glyphs, clock: str = "", right: Span = LEAVE) -> Line:
    """`Tour  12/25 ●●●○○○○  One scale for all`, its chapter where there is room, and at the right where help is.

    With a `clock` this is a presentation, which has its heading below: here is what comes next.
    """
    marks = "".join(
        glyphs.full_dot if number <= result.chapter_number else glyphs.open_dot
        for number in range(1, len(result.lesson.chapters) + 1)
    )
    name = result.lesson.title if result.lesson.name and cells >= 100 else "Tour"
    left = line(
        (f" {name}  ", "dim"),
        (f"{result.number}/{result.total} ", "strong"),
        (f"{marks}  ", "series1"),
        ("" if clock else result.step.title, "strong"),
        (f" {glyphs.yes}" if done and not clock else "", "good"),
    )
    chapter: Span = (f"   {result.chapter.title}" if result.chapter.title != name else "", "dim")
    if clock:
        following = result.following.title if result.following is not None else "the end"
        chapter, right = (f"next: {following}", "dim"), (f"{clock} ", "dim")
    for tail in ((chapter, right), (right,), ()):
        room = cells - width(left) - width(line(*tail))
        if room > 0:
            return line(*left, *tail[:-1], " " * room, *tail[-1:])
    return crop(left, cells, glyphs.ellipsis)


def first_sentence(text: str) -> str:
    """The first sentence of a step's text, for a class where the step names none."""
    words = " ".join(text.split())
    for at, character in enumerate(words):
        if character in ".?!" and words[at + 1 : at + 2] in ("", " "):
            return words[: at + 1]
    return words


def body(texts: TourTexts, cells: int, glyphs: Glyphs) -> Picture:
    """The step's text; once the question is answered, the answer beside the truth and why."""
    if texts.prediction is not None and texts.answer is not None:
        rows = reveal(texts.prediction, texts.answer, cells - MARGIN, glyphs)
        rows += tuple(line(text) for text in wrapped(texts.why, min(cells - MARGIN - 1, 76)))
    else:
        lines, room = texts.text.splitlines(), cells - MARGIN - 1
        if any(cell_count(text) > room for text in lines):
            lines = wrapped(" ".join(lines), max(room, 20))
        rows = tuple(line(text) for text in lines)
    return tuple(line(" " * MARGIN, *row) for row in rows)


def presented(result: TourResult, texts: TourTexts, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """For a class, in `rows`: the heading as large as they allow, and one sentence or what came of the question.

    While the question waits, it is the first sentence of the text: the step's own one would answer it.
    """
    room, title = cells - 2 * MARGIN, result.step.title
    first, asks = first_sentence(texts.text), texts.prediction is not None
    sentence = first if asks and texts.answer is None else result.step.say or first
    spoken: Picture = tuple(line(" " * MARGIN, (text, "sentence")) for text in wrapped(sentence, room))
    answered = body(texts, cells, glyphs) if asks and texts.answer is not None else ()
    below = (*answered, *spoken)
    if asks:  # whose sentence is left out where the heading would be smaller for it
        sizes = {len(heading(title, room, rows - len(part), glyphs)) for part in (answered, below)}
        below = answered if len(sizes) > 1 or (answered and len(below) >= rows) else below
    large = heading(title, room, rows - len(below), glyphs)
    apart = ((),) if len(large) == DOTS and rows > len(large) + len(below) else ()
    return (*(line(" " * MARGIN, *row) for row in large), *apart, *below)


def notes(result: TourResult, texts: TourTexts, cells: int) -> Picture:
    """The speaker's notes: what the class sees, what to say, and what comes next."""
    step = result.step
    rows: list[Line] = [line((f"{result.number}/{result.total}  {step.title}", "strong"))]
    rows += [line((f"{result.chapter.title}, {step.seconds} s", "dim")), line()]
    for text in (texts.notes, " ".join(texts.text.split()), step.asks, texts.success or texts.why):
        if text:
            rows += [*(line(row) for row in wrapped(text, cells)), line()]
    if texts.prediction is not None:
        rows += [line("it is ", (shown_truth(texts.prediction), "strong")), line()]
    following = result.following.title if result.following is not None else "the end"
    return (*rows, line(("next: ", "dim"), following))


def ask(result: TourResult, texts: TourTexts, cells: int, glyphs: Glyphs, airy: bool = False) -> Picture:
    """The goal with the latest hint, or what came of it; the question and its answers, with room around if `airy`."""
    rows: list[Line] = []
    if texts.prediction is not None:
        if texts.answer is None:
            rows += _labelled(NAMES[result.step.kind], "key", texts.prediction.ask, cells)
            chosen = answers(texts.prediction, cells, airy)
            rows += [(), *chosen, *(((),) if chosen else ())] if airy else chosen
    elif texts.task:
        if texts.met:
            rows += _labelled(glyphs.yes, "good", texts.success, cells)
        else:
            rows += _labelled(NAMES[result.step.kind], "key", texts.task, cells)
    if texts.hints and not texts.met:
        rows += _labelled(f"Hint {len(texts.hints)}", "label", texts.hints[-1], cells)
    return tuple(rows)


def answers(prediction: Prediction, cells: int, airy: bool = False) -> Picture:
    """The answers to choose from: in one row where they fit, else, or `airy`, one below the other."""
    spans = [((f"{letter} ", "key"), (text, "")) for letter, text in zip("abc", prediction.answers, strict=False)]
    row = line(" " * 11, *(part for span in spans for part in (*span, "   ")))
    if width(row) <= cells and not airy:
        return (row,) if spans else ()
    return tuple(line(" " * 11, *span) for span in spans)


def _labelled(label: str, role: str, text: str, cells: int) -> Picture:
    indent = 11 if len(label) > 1 else 2 + MARGIN
    rows = wrapped(text, max(cells - indent - 1, 20)) or [""]
    first = line(" " * MARGIN, (label, role), " " * (indent - MARGIN - len(label)), rows[0])
    return (first, *(line(" " * indent, row) for row in rows[1:]))


def printed_step(result: TourResult, cells: int, glyphs: Glyphs) -> Picture:
    """The step as it is printed, without its picture."""
    step = result.step
    rows = [header(result, False, cells, glyphs), line()]
    rows += [line(" " * MARGIN, (step.title, "strong"))]
    rows += [line(" " * MARGIN, text) for text in step.text.splitlines()]
    if step.asks:
        rows += [line(), *_labelled(NAMES[step.kind], "key", step.asks, cells)]
    return (*rows, line(), line(" " * MARGIN, (f"qtui {result.scenario.state or step.show}", "dim")))
