"""The algorithm of a scheme as a few lines of code, with the numbers of one weight beside them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, line
from qtui.draw.picture import width as row_width
from qtui.draw.quantizer.parts import scheme_heading, short
from qtui.draw.quantizer.words import per_scheme
from qtui.scenario.quantizer.result import CODE_IMPORTS, CodeLine, QuantizerResult


def picture(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """For each scheme the code that stores the weight looked at and brings it back, with its numbers."""
    imports = tuple(line((part, "dim")) for part in textwrap.wrap(CODE_IMPORTS, max(width, 20)))
    return (*code_of(result, range(len(result.schemes)), width), (), *imports)


def sentence(result: QuantizerResult) -> str:
    """What there is to see, and why."""
    at = result.at
    ways = per_scheme(
        result, lambda _, s: f"as {int(s.stored.codes[at])} and back as {short(float(s.stored.y[at]), 4)}", 2
    )
    return f"{short(float(result.schemes[0].stored.x[at]))} is stored by {ways}."


def code_of(result: QuantizerResult, schemes: Sequence[int], width: int) -> Picture:
    """The code of some schemes, a blank row between them."""
    rows: list[Line] = []
    at = result.at
    for index in schemes:
        scheme, spot = result.schemes[index], result.spots[index]
        stored, group = scheme.stored, spot.group
        several = stored.rows * stored.groups_per_row > 1
        block = (
            f"block {group.index + 1:,}, {len(group.members):,} weights"
            if several
            else f"all {len(stored.x):,} weights"
        )
        about = f"x = {short(float(stored.x[at]))}, weight {at:,}; block = {block}"
        about += ", those kept apart as 0" if len(stored.kept) else ""
        heading = scheme_heading(index, stored.label, (about, "dim"))
        if row_width(heading) <= width:
            rows.append(heading)
        else:
            rows.append(scheme_heading(index, stored.label))
            rows += [line((f"  {part}", "dim")) for part in textwrap.wrap(about, max(width - 2, 20))]
        left = max((len(step.text) for step in spot.code), default=0)
        for step in spot.code:
            comment = _comment(step)
            if 6 + left + len(comment) <= width:
                rows.append(line(f"  {step.text.ljust(left)}", ("  # " + comment if comment else "", "label")))
            else:
                rows += [line(f"  {step.text}"), line((f"      # {comment}", "label"))]
        rows.append(())
    return tuple(rows[:-1])


def _comment(step: CodeLine) -> str:
    """The comment beside a line, its numbers shortened."""
    return step.comment.format(*map(short, step.values))
