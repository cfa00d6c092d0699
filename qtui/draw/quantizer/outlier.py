"""An outlier's story: what it does to its neighbours, and what each treatment of it costs."""

from __future__ import annotations

import textwrap

from qtui.compute.quantizer.outlier import OutlierTreatment, Rescue, Zeros
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, Span, fitted, line
from qtui.draw.quantizer.parts import bits_text, counted, percent, short
from qtui.scenario.quantizer.result import QuantizerResult

BAR = 15  # cells


def picture(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """One row for each treatment, with the share of neighbours that became zero as a bar."""
    rescue = result.rescue
    assert rescue is not None
    titles = ("", "scale", "neighbours on 0", "its block", "others", "error %", "RMSE", "bits")
    rows: list[list[Span | str]] = [[(text, "dim") for text in titles]]
    rows += [_case_row(case, rescue.others, glyphs) for case in rescue.cases]
    title = [line((text, "strong")) for text in textwrap.wrap(_heading(rescue), width)]
    sentences = [line(text) for sentence in _contained(rescue) for text in textwrap.wrap(sentence, width)]
    return (*title, (), *fitted(rows, "lrlrr...", width, (6, 1, 2)), (), *sentences)


def sentence(result: QuantizerResult) -> str:
    """What there is to see, and why."""
    rescue = result.rescue
    assert rescue is not None
    extra = rescue.side_table_bits
    apart = " It is too large to be kept apart, in float16."
    if extra is not None:
        apart = f" Apart it costs {short(extra, 3)} bits a weight."
    if rescue.others == 0:
        return f"The outlier is alone, with no neighbours to harm.{apart}"
    if rescue.scale_factor is None:
        return f"Its neighbours are 0, or this format has no scale that an outlier could stretch.{apart}"
    larger = f"{short(rescue.scale_factor, 3)} times as large"
    if rescue.more_lost == 0:
        return f"It makes the scale {larger}, yet no more neighbours fall on 0.{apart}"
    return f"It makes the scale {larger}: {counted(rescue.more_lost)} more neighbours fall on 0.{apart}"


def _heading(rescue: Rescue) -> str:
    values = ", ".join(short(float(rescue.x[i]), 3) for i in rescue.at[:4])
    more = f" and {len(rescue.at) - 4} more" if len(rescue.at) > 4 else ""
    spec = rescue.cases[0].spec
    if rescue.made_up:
        return f"{spec}, with an outlier made up in place of weight {rescue.at[0]}: {values}"
    return f"{spec} and the outlier{'s' if len(rescue.at) > 1 else ''} {values}{more}"


def _case_row(case: OutlierTreatment, others: int, glyphs: Glyphs) -> list[Span | str]:
    share = case.collapsed / others if others else 0.0
    filled = round(BAR * share)
    bar = glyphs.shades[-1] * filled + glyphs.shades[0] * (BAR - filled)
    role = "bad" if share > 0.5 else "warn" if share > 0.1 else "good"
    scale = "none" if case.scale != case.scale else short(case.scale)
    return [
        (case.name, "label"),
        scale,
        (bar, role),
        _zeros(case.near),
        _zeros(case.far),
        percent(case.others).removesuffix(" %"),
        short(case.rmse) if case.rmse == case.rmse else "-",
        bits_text(case.bits),
    ]


def _zeros(zeros: Zeros) -> Span:
    """How many fell on 0, of how many."""
    role = "bad" if zeros.lost > zeros.count / 2 else "warn" if zeros.lost > zeros.count / 10 else "good"
    return (f"{zeros.lost:,} of {zeros.count:,}", role) if zeros.count else ("-", "dim")


def _contained(rescue: Rescue) -> list[str]:
    """What smaller blocks do."""
    contained = next((case for case in rescue.cases if case.name.startswith("blocks")), None)
    if contained is None or not contained.far.count:
        return []
    near, far = contained.near, contained.far
    own = f"{near.lost:,} of {near.count:,} fall on 0 in the outlier's own"
    return [f"In {contained.name}, {own}, and {far.lost:,} of {far.count:,} in the others."]
