"""The Quality pane's picture: the answer to the question that is asked, for the room there is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from qtui.draw.card import terms
from qtui.draw.frame import GAP, LEAST_COLUMN, Columns, group, sentence, stack
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, beside, columns, crop, line, width
from qtui.draw.quality.curve import curve
from qtui.draw.quality.lessons import lesson
from qtui.draw.quality.prompts import (
    choices,
    continued,
    cut_tokens,
    every_bar,
    every_legend,
    next_table,
    paired_bars,
    plain_token,
    prompt_line,
    steps_table,
    surprises,
    token_table,
)
from qtui.draw.quality.table import facts, sentences, table
from qtui.draw.quality.weak import charts, heat_map, meanings, ranking, row_profiles, single_weights
from qtui.draw.safe import wrapped
from qtui.models.published.quality import PublishedCurve
from qtui.scenario.quality.result import CutTokens, NextTokens, QualityResult
from qtui.words.load import cards

CURVE_ROWS = 7  # the least that a curve is drawn in
CROWDED = 9  # rows up to which published curves would hide it
NEXT_SHARE = 0.5  # of a wide window's columns that the bars have at most
NEXT_LEAST = 30  # columns that they need
MANY_ROWS = 24  # rows from which every format has its bars
FEW_ROWS = 12  # rows from which the model and the text are named over a table
LARGE_ROWS = 16  # rows from which tables stand beside the bars
LEAST_TERMS = 100  # columns from which terms stand below a page
SIDE_FROM = 40  # columns that a curve beside the table needs


@dataclass(frozen=True)
class Marks:
    """What the person looks at: the row of the table or slider, the place in the prompt (0 for its end), and the
    published curve shown (0 for none, one more than their number for all). `curve_only` turns the page from the table
    to the curve where both don't fit, as `right_key` does."""

    row: int = 0
    step: int = 0
    curves: int = 1
    curve_only: bool = False
    right_key: str = "right"


def screen(result: QualityResult, marks: Marks, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """The whole picture; rows that are too many can be scrolled to."""
    if result.lesson is not None:
        return lesson(result, cells, rows, glyphs, marks.row)
    headline = sentences(result.verdict[:1], cells, glyphs, 3)
    known = facts(result, cells, glyphs)
    few = rows < FEW_ROWS
    gap: Picture = () if few and not result.formats else ((),)
    head = (*headline, *(known[1:][-1:] if few else known))
    verdict = sentence(" ".join(result.verdict[1:]), cells, 3, glyphs) if result.question != "table" else ()
    room = rows - len(head) - len(gap) - (len(verdict) + 1 if verdict else 0)
    body = _body(result, marks, cells, room, glyphs)
    if verdict and len(body) > room:  # what is scrolled away is the end of a list, not the words
        return (*head, *verdict, line(), *body)
    if cells >= LEAST_TERMS and result.next is None:
        body = stack(body, _words(result, cells, room - len(body) - 1, glyphs))
    return (*head, *gap, *body, *((line(), *verdict) if verdict else ()))


def _words(result: QualityResult, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """What the page shows and its terms, or the terms alone, whole or in brief: what `rows` hold."""
    card = cards(result.scenario.pane_name)[result.scenario.view_name]
    shows = (*(line(row) for row in wrapped(card.shows, cells)), *terms(card.terms, cells))
    drawn = (
        group("In words", shows, cells, glyphs),
        group("In words", terms(card.terms, cells), cells, glyphs),
        group("In words", terms(card.terms, cells, whole=False), cells, glyphs),
    )
    return next((part for part in drawn if len(part) <= rows), ())


def _body(result: QualityResult, marks: Marks, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    if result.tokens is not None:
        return _tokens(result.tokens, cells, rows, glyphs)
    if result.next is not None:
        return _next(result, result.next, marks, cells, rows, glyphs)
    if result.continuations:
        written = continued(result.continuations, cells, glyphs)
        chosen = choices(result.continuations, cells, rows - len(written) - 2, glyphs)
        name = "Where they part or come nearest: the model's chances, and below the format's"
        return stack(written, group(name, chosen, cells, glyphs))
    if result.losses:
        return _losses(result, cells, rows, glyphs)
    if result.super_weights:
        weights = single_weights(result.super_weights, result.random_weights, cells, glyphs)
        if result.weight_row is None:
            return weights
        left = max(map(width, weights))
        if cells - left - GAP >= LEAST_COLUMN:
            weights = beside(weights, _words(result, cells - left - GAP, len(weights) + 2, glyphs), left, GAP)
        return stack(weights, row_profiles(result.weight_row, cells, rows - len(weights) - 1, glyphs))
    return _table(result, marks, cells, rows, glyphs) if result.formats else ()


def _losses(result: QualityResult, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """Parts ranked; with room a map of the tensors above, or what they cost as bars below."""
    ranked = group(f"Each alone in {result.loss_format}", ranking(result.losses, cells, glyphs), cells, glyphs)
    if result.scenario.by == "tensor":
        mapped = group("Layers and roles", heat_map(result.losses, cells, glyphs), cells, glyphs)
        return stack(mapped, ranked)
    drawn = stack(ranked, charts(result.losses, cells, rows - len(ranked) - 1, glyphs))
    explained = stack(drawn, group("How to read it", meanings(cells), cells, glyphs))
    return explained if len(explained) <= rows else drawn


def _table(result: QualityResult, marks: Marks, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """The table, the verdict, and the curve beside or below where it fits."""
    others = curves_shown(marks.curves, result.published)
    listed = table(result, cells, glyphs, marks.row)
    wide = max(map(width, listed), default=0)
    words = _whole(result.verdict[1:], cells, 4 if rows >= MANY_ROWS else 2, glyphs)
    words = ((), *words) if words else ()
    if cells - wide - GAP >= SIDE_FROM and rows >= CURVE_ROWS:
        drawn = curve(result, others, cells - wide - GAP, max(rows - len(words), CURVE_ROWS), glyphs, marks.row)
        return (*beside(listed, drawn, wide, GAP), *words)
    if marks.curve_only:
        return (*curve(result, others, cells, max(rows - len(words), CURVE_ROWS), glyphs, marks.row), *words)
    left = rows - len(listed) - len(words) - 1
    if left >= CURVE_ROWS:
        beside_it = others if left > CROWDED else ()
        return (*listed, *words, line(), *curve(result, beside_it, cells, left, glyphs, marks.row))
    where = line((f"{glyphs.right} {marks.right_key} shows the curve", "dim"))
    room = rows - len(listed) - 1
    apart = _whole(result.verdict[1:], cells, room - 1, glyphs)
    return (*listed, *(((), *apart) if apart else _whole(result.verdict[1:], cells, room, glyphs)), where)


def _whole(texts: tuple[str, ...], cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """As many of the sentences as `rows` rows hold whole."""
    for count in range(len(texts), 0, -1):
        written = sentence(" ".join(texts[:count]), cells, rows + 1, glyphs)
        if len(written) <= rows:
            return written
    return ()


def curves_shown(which: int, known: tuple[PublishedCurve, ...]) -> tuple[PublishedCurve, ...]:
    """Of the `known` curves those that the key has come to."""
    if which == 0:
        return ()
    return known if which > len(known) else (known[which - 1],)


def _tokens(tokens: CutTokens, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """The tokens in a row, and with room one below the other."""
    shown = cut_tokens(tokens, cells, glyphs)
    listed = group("One by one", token_table(tokens, cells, rows - len(shown) - 2, glyphs), cells, glyphs)
    if len(shown) + 1 + len(listed) > rows:
        return shown
    unlikely = surprises(tokens, cells, rows - len(shown) - len(listed) - 3, glyphs)
    return stack(shown, listed, group("The greatest surprises, chance %", unlikely, cells, glyphs))


def _next(result: QualityResult, tokens: NextTokens, marks: Marks, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """What may follow, and with room what every format makes of it and of each place in the prompt."""
    brief = replace(tokens, formats=tuple(name.partition(":")[0] for name in tokens.formats))
    tables = (*next_table(brief, cells, glyphs), *steps_table(brief, cells, glyphs))
    wanted = max(map(width, tables), default=0)
    left = min(max(cells - wanted - GAP, NEXT_LEAST), round(cells * NEXT_SHARE))
    columns = Columns(left, cells - GAP - left) if cells - GAP - left >= LEAST_COLUMN else Columns(cells, 0)
    place = len(tokens.steps) - marks.step if marks.step else -1

    def others(room: int) -> tuple[Picture, Picture]:
        every = group("In every format, %", next_table(brief, room, glyphs), room, glyphs)
        read = group("Through the prompt, KL in nats", steps_table(brief, room, glyphs, place), room, glyphs)
        return every, read

    if columns.right and rows >= LARGE_ROWS:
        main = _place(tokens, marks, columns.left, glyphs)
        if not marks.step and rows >= MANY_ROWS:
            chosen = max(min(marks.row, len(tokens.formats) - 1), 0)
            bars = every_bar(tokens, chosen, columns.left, rows - 3, glyphs)
            main = (
                *prompt_line(tokens, columns.left, glyphs),
                (),
                every_legend(tokens, chosen, columns.left, glyphs),
                *bars,
            )
        every, read = others(columns.right)
        side = (*every, (), *read) if len(every) + 1 + len(read) <= rows else every
        side = stack(side, _words(result, columns.right, rows - len(side) - 1, glyphs))
        return beside(main, side, columns.left, GAP)
    shown = _place(tokens, marks, cells, glyphs, rows >= FEW_ROWS - 3)
    for part in others(cells):
        if len(shown) + 1 + len(part) <= rows:
            shown = (*shown, (), *part)
    return shown


def _place(tokens: NextTokens, marks: Marks, cells: int, glyphs: Glyphs, apart: bool = True) -> Picture:
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
    return (*head, *(((),) if apart else ()), *paired_bars(tokens, chosen, cells, glyphs))
