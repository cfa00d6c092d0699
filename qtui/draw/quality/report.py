"""What `qtui quality` prints."""

from __future__ import annotations

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, crop, line
from qtui.draw.quality.curve import curve
from qtui.draw.quality.lessons import lesson
from qtui.draw.quality.prompts import asked, continued, cut_tokens, next_table, prompt_line
from qtui.draw.quality.table import facts, sentences, table
from qtui.draw.quality.weak import heat_map, ranking, single_weights
from qtui.scenario.quality.result import QualityResult

ROWS = 18


def report(result: QualityResult, width: int, glyphs: Glyphs) -> Picture:
    """The answer to what was asked, as wide as `width`."""
    rows: list[Line] = []
    if result.lesson is not None:
        rows += lesson(result, width, ROWS, glyphs)
    else:
        rows += [*facts(result, width, glyphs), line()]
    if result.tokens is not None:
        rows += cut_tokens(result.tokens, width, glyphs)
    if result.next is not None:
        rows += [*prompt_line(result.next, width, glyphs), line(), *next_table(result.next, width, glyphs)]
    if result.continuations:
        rows += [*asked(result.scenario.generate, width), line(), *continued(result.continuations, width, glyphs)]
    if result.formats:
        rows += table(result, width, glyphs)
    if sum(row.statistics is not None and not row.no_op for row in result.formats) > 1:
        rows += [line(), *curve(result, result.published, width, ROWS, glyphs)]
    if result.losses:
        rows += [line((f"each alone in {result.loss_format}", "label")), *ranking(result.losses, width, glyphs)]
        if result.scenario.by == "tensor":
            rows += [line(), *heat_map(result.losses, width, glyphs)]
    if result.super_weights:
        rows += single_weights(result.super_weights, result.random_weights, width, glyphs)
    if result.verdict:
        rows += [line(), *sentences(result.verdict, width, glyphs)]
    return (*(crop(row, width, glyphs.ellipsis) for row in rows), line())
