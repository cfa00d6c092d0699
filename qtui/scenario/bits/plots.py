"""What the Bits pane's plots show: values of formats counted by the column, and the sine as formats store it.

A plot depends on how many columns there are for it, so it is solved apart from the value.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import accumulate

from qtui.compute.floats import exact
from qtui.compute.floats.intervals import bin_edges, counts
from qtui.scenario.bits.convert import Rounding, convert
from qtui.scenario.bits.result import BitsResult, CloseUp, Density, TickRow
from qtui.scenario.bits.scenario import BitsScenario
from qtui.scenario.bits.solve import convert_all, convert_to, facts_of, solve, usual_formats
from qtui.scenario.progress import Progress

PARTS = 64  # columns of a plot in the JSON
CLOSER = 16


def solve_all(scenario: BitsScenario, progress: Progress | None = None) -> BitsResult:
    """What `scenario` shows, with all that its JSON holds: every format, and the plot of its view in `PARTS` columns.

    Raises UserError as `solve` does.
    """
    result = solve(scenario, progress)
    if not result.conversions:
        result = replace(result, conversions=convert_all(result.stored, result.entered, rounding_of(result)))
    return with_plot(result, 0 if result.view == "inspect" else PARTS)


def with_plot(result: BitsResult, columns: int) -> BitsResult:
    """`result` with what its view plots in `columns` columns; as it is where its view plots nothing.

    The inspector has a number line and other formats beside it, where `columns` is not 0.
    """
    if columns and result.view == "inspect":
        usual = usual_formats(result.format)
        conversions = convert_to(usual, result.stored, result.entered, rounding_of(result))
        result = replace(result, conversions=result.conversions or conversions, usual=len(usual))
        return replace(result, ticks=_ticks(result, result.interval, columns))
    if result.view == "line":
        near = _close_interval(result)
        close = CloseUp(near, _ticks(result, near, columns)) if near is not None else None
        return replace(result, ticks=_ticks(result, result.interval, columns), close=close)
    if result.view == "density":
        return replace(result, density=_density(result, columns))
    if result.view == "sine":
        from qtui.scenario.bits.sine import sine  # imports numpy, which nothing else here needs

        return replace(result, sine=sine(result, columns))
    if result.view == "codebook":
        from qtui.scenario.bits.codebook import codebook_view  # imports numpy as well

        return replace(result, codebook=codebook_view(result, columns))
    if result.view == "design":
        low, high = result.facts.lowest, result.facts.largest
        usual = usual_formats(result.format)
        result = replace(result, usual=len(usual), table=tuple(map(facts_of, usual)))
        return replace(result, spread=counts(result.format, low, high, columns, zeros_once=True))
    return result


def rounding_of(result: BitsResult) -> Rounding:
    """How `result` rounds."""
    return Rounding(result.rounding, result.saturate, result.seed)


def _close_interval(result: BitsResult) -> tuple[Fraction, Fraction] | None:
    """A sixteenth of the interval that holds the value; it moves by halves, so that a cursor moves in it."""
    low, high = result.interval
    if not result.entered.finite or not low <= result.entered.value <= high:
        return None
    half = (high - low) / (2 * CLOSER)
    middle = round(result.entered.value / half) * half
    return middle - half, middle + half


def _ticks(result: BitsResult, interval: tuple[Fraction, Fraction], columns: int) -> tuple[TickRow, ...]:
    """Each stacked format's values in `columns` equal parts of `interval`."""
    known = {conversion.format.name: conversion for conversion in (*result.conversions, result.stored)}
    rows = []
    for fmt in result.stacked:
        here = known.get(fmt.name) or convert(fmt, result.entered, rounding_of(result))
        inside = counts(fmt, *interval, columns, zeros_once=True)
        rows.append(TickRow(here, inside, exact.ulp(fmt, here.code)))
    return tuple(rows)


def _density(result: BitsResult, columns: int) -> Density:
    """The format's finite codes in `columns` equal parts of the interval."""
    inside = counts(result.format, *result.interval, columns)
    return Density(
        edges=bin_edges(*result.interval, columns),
        counts=inside,
        up_to=tuple(accumulate(inside)),
        inside=sum(inside),
        total=exact.finite_count(result.format),
    )
