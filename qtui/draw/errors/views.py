"""The parts that both the errors pane and `qtui errors` show: the figures, the worst blocks, the values."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qtui.compute.errors.values import ValueStats
from qtui.draw.errors.table import wrapped
from qtui.draw.frame import title
from qtui.draw.glyphs import Glyphs
from qtui.draw.inspect import shortened_name
from qtui.draw.picture import Line, Picture, Span, columns, line
from qtui.draw.ticks import significant
from qtui.scenario.errors.result import ErrorsResult, FormatErrors


def position(index: int, shape: Sequence[int]) -> str:
    """A flat index as "[row, column]", or as itself in a vector."""
    parts: list[str] = []
    for size in reversed(tuple(shape)[1:]):
        index, inside = divmod(index, size) if size else (index, 0)
        parts.append(str(inside))
    return f"[{', '.join([str(index), *reversed(parts)])}]"


def block_title(total: FormatErrors) -> str:
    """The heading above `worst_blocks`."""
    return f"Worst blocks of {total.block_size} in {total.figures.format}"


def worst_blocks(total: FormatErrors, shape: Sequence[int], most: int) -> Picture:
    """The blocks that lost most, worst first."""
    whole = total.figures.moments.e2
    if not total.blocks or not whole:
        return ()
    rows: list[list[Span | str]] = [
        [("starts at", "dim"), ("RMSE", "dim"), ("SQNR dB", "dim"), ("% of all error", "dim")]
    ]
    for block in total.blocks[:most]:
        share = 100 * block.squared_error / whole
        rows.append(
            [
                position(block.start, shape),
                significant(block.rmse, 3),
                f"{block.sqnr_db:.1f}",
                f"{share:.2f}",
            ]
        )
    return columns(rows, "l...")


def worst_tensors(totals: Sequence[FormatErrors], cells: int, most: int, glyphs: Glyphs) -> list[Picture]:
    """The tensors that lost most in each format, worst first, each list under its title."""
    groups: list[Picture] = []
    for total in totals:
        named = [
            line(f"{decibels:5.1f} {shortened_name(name, cells - 6, glyphs)}")
            for name, decibels in total.worst[:most]
        ]
        groups += [(title(f"Worst tensors in {total.figures.format}, dB", cells, glyphs), *named)] if named else []
    return groups


def value_facts(values: ValueStats, cells: int, sampled: bool = False) -> Picture:
    """Mean, σ, range, shape and zeros of a tensor's weights, or of a sample of them."""
    share = f"{100 * values.zeros / values.count:.2f} %" if values.count else "-"
    facts = [
        ("mean", significant(values.mean, 3)),
        ("σ", significant(values.sigma, 3)),
        ("min", significant(values.low, 4)),
        ("max", significant(values.high, 4)),
        ("absmax/σ", significant(values.absmax_sigmas, 3)),
        ("kurtosis", significant(values.kurtosis, 3)),
        ("zeros", share),
    ]
    by_row = values.by_row.sqnr_db
    if by_row == by_row:
        facts.append(("int8 by row", "exact" if math.isinf(by_row) else f"{by_row:.1f} dB"))
    if values.bad:
        facts.append(("NaN or inf", f"{values.bad:,}"))
    start = ["in the sample:"] if sampled else []
    return wrapped([*start, *(f"{name} {value}" for name, value in facts)], cells)


def outliers(values: ValueStats, shape: Sequence[int], most: int, cells: int) -> Picture:
    """The weights furthest from zero, and where they are."""
    texts = [
        f"{significant(outlier.value, 4)} at {position(outlier.index, shape)}"
        + (f" ({outlier.magnitude / values.sigma:.1f}σ)" if values.sigma else "")
        for outlier in values.outliers[:most]
    ]
    return wrapped(texts, cells)


def in_sample(result: ErrorsResult) -> str:
    """A remark after extremes that were found in a sample; empty where all weights were measured."""
    return " in the sample" if result.in_part else ""


def sampled_line(measured: int, count: int) -> Line:
    """How much was looked at."""
    if measured >= count:
        return line(("exact: ", "good"), f"all {count:,} weights" if count != 1 else "the one weight")
    return line(("sampled: ", "warn"), f"{measured:,} of {count:,} weights ({100 * measured / count:.2g} %)")
