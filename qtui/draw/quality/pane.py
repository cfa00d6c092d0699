"""The Quality pane's picture: the answer to the question that is asked, for the room there is."""

from __future__ import annotations

from dataclasses import dataclass

from qtui.draw.frame import GAP, sentence
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, beside, columns, crop, line, width
from qtui.draw.quality.curve import curve
from qtui.draw.quality.lessons import lesson
from qtui.draw.quality.prompts import continued, cut_tokens, paired_bars, plain_token, prompt_line
from qtui.draw.quality.table import facts, sentences, table
from qtui.draw.quality.weak import heat_map, ranking, single_weights
from qtui.models.published.quality import PublishedCurve
from qtui.scenario.quality.result import NextTokens, QualityResult

CURVE_ROWS = 8  # the least that a curve is drawn in
SIDE_FROM = 40  # columns that a curve beside the table needs


@dataclass(frozen=True)
class Marks:
    """What the person looks at: the row of the table or slider, the place in the prompt (0 for its end), and the
    published curve shown (0 for none, one more than their number for all). `curve_only` turns the page from the table
    to the curve where both don't fit."""

    row: int = 0
    step: int = 0
    curves: int = 0
    curve_only: bool = False


def screen(result: QualityResult, marks: Marks, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """The whole picture; rows that are too many can be scrolled to."""
    if result.lesson is not None:
        return lesson(result, cells, rows, glyphs, marks.row)
    headline = sentences(result.verdict[:1], cells, glyphs, 2)
    head = (*headline, *facts(result, cells, glyphs))
    room = rows - len(head) - 1
    body = _body(result, marks, cells, room, glyphs)
    verdict = sentence(" ".join(result.verdict[1:]), cells, 4, glyphs) if result.question != "table" else ()
    return (*head, line(), *body, *((line(), *verdict) if verdict else ()))


def _body(result: QualityResult, marks: Marks, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    if result.tokens is not None:
        return cut_tokens(result.tokens, cells, glyphs)
    if result.next is not None:
        return _next(result.next, marks, cells, glyphs)
    if result.continuations:
        return continued(result.continuations, cells, glyphs)
    if result.losses:
        kind = line((f"each alone in {result.loss_format}", "label"))
        mapped = heat_map(result.losses, cells, glyphs) if result.scenario.by == "tensor" else ()
        return (kind, *mapped, *([line()] if mapped else []), *ranking(result.losses, cells, glyphs))
    if result.super_weights:
        return single_weights(result.super_weights, result.random_weights, cells, glyphs)
    return _table(result, marks, cells, rows, glyphs) if result.formats else ()


def _table(result: QualityResult, marks: Marks, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """The table, the verdict, and the curve beside or below where it fits."""
    others = curves_shown(marks.curves, result.published)
    listed = table(result, cells, glyphs, marks.row)
    wide = max(map(width, listed), default=0)
    words = sentence(" ".join(result.verdict[1:]), cells, 4, glyphs)
    if cells - wide - GAP >= SIDE_FROM and rows >= CURVE_ROWS:
        drawn = curve(result, others, cells - wide - GAP, max(rows - len(words), CURVE_ROWS), glyphs, marks.row)
        return (*beside(listed, drawn, wide, GAP), *words)
    if marks.curve_only:
        words = words[: max(rows - CURVE_ROWS, 0)]
        return (*curve(result, others, cells, max(rows - len(words), CURVE_ROWS), glyphs, marks.row), *words)
    left = rows - len(listed) - len(words) - 1
    if left >= CURVE_ROWS:
        return (*listed, *words, line(), *curve(result, others, cells, left, glyphs, marks.row))
    where = line((f"{glyphs.right} the right arrow shows the curve", "dim"))
    return (*listed, *words[: max(rows - len(listed) - 1, 0)], where)


def curves_shown(which: int, known: tuple[PublishedCurve, ...]) -> tuple[PublishedCurve, ...]:
    """Of the `known` curves those that the key has come to."""
    if which == 0:
        return ()
    return known if which > len(known) else (known[which - 1],)


def _next(tokens: NextTokens, marks: Marks, cells: int, glyphs: Glyphs) -> Picture:
    """The prompt, the place that is looked at, and what may follow there: at its end all, inside the right token."""
    chosen = min(marks.row, max(len(tokens.formats) - 1, 0))
    head = prompt_line(tokens, cells, glyphs, len(tokens.steps) - marks.step if marks.step else -1)
    if marks.step and tokens.steps:
        step = tokens.steps[max(len(tokens.steps) - marks.step, 0)]
        place = len(tokens.steps) - max(len(tokens.steps) - marks.step, 0)
        rows = [[("at this token", "label"), (plain_token(step.piece, glyphs), "strong")]]
        rows.append([("its chance, as it is", "label"), (f"{100 * step.base:.2f} %", "")])
        rows.append([("the likeliest was", "label"), (plain_token(step.top, glyphs), "")])
        for name, kld in zip(tokens.formats, step.kld, strict=True):
            rows.append([(f"KL of {name}", "label"), (f"{max(kld, 0):.4f} nats", "")])
        where = line((f"{place} before the end", "dim"))
        return (*head, where, line(), *(crop(row, cells, glyphs.ellipsis) for row in columns(rows, "ll")))
    return (*head, line(), *paired_bars(tokens, chosen, cells, glyphs))
