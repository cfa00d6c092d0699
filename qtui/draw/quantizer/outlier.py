"""The story of an outlier as a table: without it, with it, in blocks, kept apart."""

from __future__ import annotations

import textwrap

from qtui.compute.quantizer.outlier import Case, Rescue
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, Span, fitted, line
from qtui.draw.quantizer.parts import percent, short

BAR = 15


def outlier_story(rescue: Rescue, width: int, glyphs: Glyphs) -> Picture:
    """One row for each treatment, with the share of neighbours that became zero as a bar."""
    others = len(rescue.x) - len(rescue.at)
    rows: list[list[Span | str]] = [
        [(text, "dim") for text in ("", "scale", "neighbours lost", "to 0", "mean err", "RMSE", "bits/w")]
    ]
    rows += [_row(case, others, glyphs) for case in rescue.cases]
    title = [line((text, "strong")) for text in textwrap.wrap(_title(rescue), width)]
    said = [line(text) for sentence in _said(rescue, others) for text in textwrap.wrap(sentence, min(width, 78))]
    return (*title, (), *fitted(rows, "lrlrrrr", width, (5, 1)), (), *said)


def _title(rescue: Rescue) -> str:
    values = ", ".join(short(float(rescue.x[i]), 3) for i in rescue.at[:4])
    more = f" and {len(rescue.at) - 4} more" if len(rescue.at) > 4 else ""
    made_up = " (added for the story; o puts one in for good)" if rescue.made_up else ""
    return f"{rescue.cases[0].spec} and the outlier{'s' if len(rescue.at) > 1 else ''} {values}{more}{made_up}"


def _row(case: Case, others: int, glyphs: Glyphs) -> list[Span | str]:
    share = case.collapsed / others if others else 0.0
    filled = round(BAR * share)
    bar = glyphs.shades[-1] * filled + glyphs.shades[0] * (BAR - filled)
    role = "bad" if share > 0.5 else "warn" if share > 0.1 else "good"
    scale = "none" if case.scale != case.scale else short(case.scale)
    return [
        (case.name, "label"),
        scale,
        (bar, role),
        (f"{case.collapsed} of {others}", role),
        percent(case.others),
        short(case.rmse),
        f"{case.bits:.4g}",
    ]


def _said(rescue: Rescue, others: int) -> list[str]:
    cases = {case.name: case for case in rescue.cases}
    lines = []
    before, after = cases.get("without"), cases["as it is"]
    if before is not None and before.scale > 0:
        times = short(after.scale / before.scale, 3)
        if after.collapsed > before.collapsed:
            lost = f"so {after.collapsed} of its {others} neighbours fall on 0"
            did = f"without it {before.collapsed or 'none'} did"
            lines.append(f"One scale serves many: the outlier makes it {times} times as large, {lost}; {did}.")
        else:
            lines.append(f"It makes its own scale {times} times as large, and no more neighbours fall on 0 for it.")
    contained = next((case for case in rescue.cases if case.name.startswith("blocks")), None)
    if contained is not None:
        lines.append(
            f"In {contained.name}, only the outlier's own block pays: {contained.collapsed or 'none'} fall on 0."
        )
    aside = cases["kept apart"]
    extra = aside.bits - after.bits
    lines.append(f"Kept apart in a side table, it costs {short(extra, 3)} bits per weight and harms nobody.")
    return lines
