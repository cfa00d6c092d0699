"""What a view of the errors shows, in words: the figure that matters, and one sentence that says what to see."""

from __future__ import annotations

import math

from qtui.draw.errors.table import P99, decibels
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.inspect import shortened_name
from qtui.draw.picture import Line, Span, crop, line, width
from qtui.draw.safe import safe
from qtui.draw.ticks import significant
from qtui.scenario.errors.result import ErrorsResult, FormatErrors, TensorValues

NAME = 32  # cells of a tensor's name in a sentence
ALIKE = 0.5  # dB below the mean up to which the worst tensor fares as the others do
FAR = 8.0  # multiples of the standard deviation from which on a weight counts as an outlier


def headline(result: ErrorsResult, cells: int, glyphs: Glyphs) -> Line:
    """The typical error of each format as a share of the typical weight; for weights alone, their spread."""
    if result.scenario.view == "browse" and result.values is not None:
        stats = result.values.stats
        if stats.sigma == 0:
            same = line(("every weight is ", "dim"), (significant(stats.low, 4), "strong"))
            return crop(same, cells, glyphs.ellipsis)
        typical = (significant(stats.sigma, 3), "strong")
        far = (f"{significant(stats.absmax_sigmas, 3)} times", "strong" if stats.absmax_sigmas < FAR else "warn")
        long = line(("typical weight ", "dim"), typical, ("   furthest from zero ", "dim"), far, (" that", "dim"))
        short = line(typical, ("; furthest ", "dim"), far, (" that", "dim"))
        return crop(long if width(long) <= cells else short, cells, glyphs.ellipsis)
    spans: list[Span | str] = [("typical error  ", "dim")]
    if not result.totals:
        spans.append(("not known yet", "dim"))
    for index, errors in enumerate(result.totals):
        spans += [(f"{errors.figures.format} ", SERIES[index % len(SERIES)]), (_typical(errors), "strong"), "   "]
    return crop(line(*spans), cells, glyphs.ellipsis)


def _of_zeros(errors: FormatErrors) -> bool:
    """Whether all numbers are 0 and come back so."""
    return math.isnan(errors.sqnr_db) and bool(errors.total.scored) and not errors.total.max_abs_error


def _typical(errors: FormatErrors) -> str:
    if errors.sqnr_db == math.inf or _of_zeros(errors):
        return "none"
    return "-" if math.isnan(errors.relative_rmse) else f"{100 * errors.relative_rmse:.2g} %"


def sentence(result: ErrorsResult, glyphs: Glyphs) -> str:
    """What to see in the view of `result.scenario`."""
    view = result.scenario.view
    if view == "browse":
        return _of_weights(result.values) if result.values is not None else _of_file(result)
    if view == "survey":
        return _of_survey(result, glyphs)
    return _of_errors(result)


def _of_file(result: ErrorsResult) -> str:
    if result.tensor is not None:
        return f"{safe(result.tensor.name)} holds no weights to draw: {result.rows[0].note or 'it is empty'}."
    return "The tree shows where the bytes of a model are; go to a tensor to see its weights."


def _of_weights(values: TensorValues) -> str:
    far = values.stats.absmax_sigmas
    bad = values.stats.bad
    if bad:
        whole = values.stats.count + bad
        return f"{bad:,} of {whole:,} weights are NaN or infinite: what shares a scale with them is lost."
    if values.stats.sigma == 0:
        return f"All weights are the same, {significant(values.stats.low, 4)}: one value would hold them all."
    if math.isnan(far):
        return "None of these weights is a number."
    times = significant(far, 3)
    if far >= FAR:
        return f"One weight lies {times} standard deviations out: those that share its scale are left with few steps."
    return f"All weights lie within {times} standard deviations: a shared scale serves them well."


def _of_survey(result: ErrorsResult, glyphs: Glyphs) -> str:
    best = result.comparison
    if best is None:
        return _so_far(result) or "None of these formats can store these tensors."
    errors = result.totals[best.most]
    spoiled = [row for row in result.rows if row.counted and row.measures and row.measures[best.most].damage]
    if spoiled:
        name, measure = shortened_name(spoiled[0].name, NAME, glyphs), spoiled[0].measures[best.most]
        bad = measure.nan_count + measure.inf_count
        more = f"; {len(spoiled) - 1:,} more tensors have some" if len(spoiled) > 1 else ""
        share = f"{bad:,} of {bad + measure.count:,} weights are NaN or infinite{more}"
        return f"{name} in {errors.figures.format}: {share}. Figures leave them out."
    if not errors.worst or len(result.rows) == 1:
        kept = decibels(errors.sqnr_db)
        return f"{errors.figures.format} keeps the signal {kept} dB over the error. More ink, more lost."
    name, value = errors.worst[0]
    mean, least = decibels(errors.sqnr_db), f"{decibels(value)} dB in {shortened_name(name, NAME, glyphs)}"
    if value > errors.sqnr_db - ALIKE:
        return f"{errors.figures.format} hurts all tensors alike: it keeps {mean} dB on average, {least}."
    return f"More ink, more lost: {errors.figures.format} keeps {mean} dB on average, but {least}."


def _so_far(result: ErrorsResult) -> str:
    """What is said before all is measured, and where that was stopped; "" afterwards."""
    if result.totals:
        return ""
    return "Figures are those of what is measured so far." if result.measured else "Nothing is measured yet."


def _of_errors(result: ErrorsResult) -> str:
    best = result.comparison
    if best is None:
        if any(_of_zeros(errors) for errors in result.totals):
            return "All numbers are zero, and zero is stored as it is: nothing is lost."
        return _so_far(result) or "None of these formats can store these numbers; the table says why."
    least, most = result.totals[best.least], result.totals[best.most]
    if least.sqnr_db == math.inf:
        return f"{least.figures.format} loses nothing here: it can store each of these numbers."
    if result.scenario.unit == "steps":
        if result.overlay is not None and not result.overlay.names:
            return "There is nothing to draw in steps here; the table is that of errors in weights."
        return "Rounding errs by half a step of a block's scale at most; what lies further out was clipped."
    within = significant(least.figures.quantiles[P99], 2)
    if math.isnan(best.reach):
        return f"The narrower, the better: 99 % of {least.figures.format}'s errors lie within {within} of zero."
    return (
        f"The narrower, the better: 99 % of {least.figures.format}'s errors lie within {within} of zero, "
        f"{most.figures.format}'s reach {best.reach:.3g} times as far."
    )
