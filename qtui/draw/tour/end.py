"""The end of a lesson: what was predicted beside what is true, and where to go on."""

from __future__ import annotations

from collections.abc import Sequence

from qtui.draw.frame import title
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, columns, crop, line
from qtui.draw.safe import cell_count, cut, wrapped
from qtui.draw.tour.reveal import shown_answer, shown_truth
from qtui.scenario.tour.lesson import TourLesson, TourStep
from qtui.scenario.tour.prediction import Judgement, Prediction

Made = Sequence[tuple[TourStep, Prediction, Judgement]]  # the predictions that were made
LONGEST = 26  # cells of an answer


def end(lesson: TourLesson, done: int, further: str, made: Made, cells: int, glyphs: Glyphs) -> Picture:
    """What was done, every prediction with a mark, and where to go on, `further`."""
    total = len(lesson.steps)
    rows: list[Line] = [line((f"{lesson.title}: {done} of {total} steps done", "strong"))]
    if made:
        right = sum(judgement.right for _, _, judgement in made)
        rows += [(), title(f"Your predictions: {right} of {len(made)} near the truth", cells, glyphs)]
        rows += _table(made, cells, glyphs)
    if further:
        rows += [(), title("Where to go on", cells, glyphs)]
        rows += [line(text) for text in wrapped(" ".join(further.split()), cells)]
    return tuple(crop(row, cells, glyphs.ellipsis) for row in rows)


def _table(made: Made, cells: int, glyphs: Glyphs) -> Picture:
    """A row a prediction; where it is narrow the answers give way, not the truths."""
    truths = [cut(shown_truth(prediction), LONGEST) for _, prediction, _ in made]
    taken = 1 + max(cell_count(step.title) for step, _, _ in made) + max(map(cell_count, truths)) + 6  # gaps
    longest = min(max(cells - taken, len("you said")), LONGEST)
    head = [("", ""), ("", "dim"), ("you said", "dim"), ("it is", "dim")]
    table = [head]
    for (step, prediction, judgement), truth in zip(made, truths, strict=True):
        mark = (glyphs.yes, "good") if judgement.right else (glyphs.no, "warn")
        answer = cut(shown_answer(prediction, judgement.answer), longest)
        table.append([mark, (step.title, ""), (answer, ""), (truth, "strong")])
    return columns(table, "llrr")
