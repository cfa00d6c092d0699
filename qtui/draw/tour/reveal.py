"""The reveal: what was predicted over what is true, drawn to one scale."""

from __future__ import annotations

from qtui.draw.glyphs import Glyphs, bar_text
from qtui.draw.picture import Line, Picture, crop, line
from qtui.scenario.tour.prediction import Judgement, Prediction

LABEL = 9  # cells of "you said "
LONGEST = 64  # cells of a bar: longer ones are no easier to compare


def reveal(prediction: Prediction, judgement: Judgement, cells: int, glyphs: Glyphs) -> Picture:
    """Two bars to one scale where both are numbers, else two lines."""
    mark = (glyphs.yes, "good") if judgement.right else (glyphs.no, "warn")
    you, true = shown_answer(prediction, judgement.answer), shown_truth(prediction)
    if judgement.value is None or judgement.truth is None:
        return (line(mark, " you said  ", you), line("  it is     ", (true, "strong")))
    ratio = judgement.ratio
    times = f"  {_times(ratio, glyphs)}" if not judgement.right and ratio is not None and ratio > 0 else ""
    room = min(max(cells - LABEL - 4 - max(len(you) + len(times), len(true)), 10), LONGEST)
    longest = max(abs(judgement.value), abs(judgement.truth)) or 1.0
    rows: list[Line] = []
    for label, value, text, role in (
        ("you said", judgement.value, you, "series2"),
        ("it is", judgement.truth, true, "series1"),
    ):
        bar = bar_text(max(abs(value) / longest, 1 / 8 / room), room, glyphs, second=label == "you said")
        first = mark if label == "you said" else (" ", "")
        rows.append(line(first, f" {label:<{LABEL}}", (bar, role), " ", (text, "strong")))
    rows[0] = line(*rows[0], (times, "dim"))
    return tuple(crop(row, cells, glyphs.ellipsis) for row in rows)


def shown_answer(prediction: Prediction, answer: str) -> str:
    """An answer as words: that of a letter, or the number with its unit."""
    if prediction.answers:
        return prediction.answers["abc".index(answer)]
    return f"{answer} {prediction.unit}".strip()


def shown_truth(prediction: Prediction) -> str:
    """The truth as words."""
    if prediction.answers:
        return prediction.answers["abc".index(prediction.letter)]
    return f"{short_number(prediction.truth or 0.0)} {prediction.unit}".strip()


def short_number(value: float) -> str:
    """Four digits are enough to compare."""
    if value and not 1e-4 <= abs(value) < 1e7:
        return f"{value:.3e}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _times(ratio: float, glyphs: Glyphs) -> str:
    factor = max(ratio, 1 / ratio)
    if factor < 1.005:
        return ""
    if factor < 1.995:
        return f"{100 * (ratio - 1):+.0f} %"
    return f"{factor:,.{0 if factor >= 100 else 1}f}{glyphs.times} too {'much' if ratio > 1 else 'little'}"
