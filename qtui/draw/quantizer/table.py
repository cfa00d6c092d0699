"""Value by value: what went in, is stored, comes back, and is lost."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import NamedTuple

from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, line
from qtui.draw.quantizer.parts import LETTERS, aligned, percent, short
from qtui.draw.quantizer.words import per_scheme
from qtui.draw.safe import crop_text
from qtui.scenario.quantizer.result import QuantizerResult, Scheme

Cells = tuple[int, int, int]
VALUE = 10  # columns of a value
FEW = 12  # columns for a scheme's name
# Columns of a scheme's stored value and error without its code: where there is little room, and many schemes.
BARE = ((0, 9, 9), (0, 10, 0))


def picture(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Rows around the weight looked at; the error as a share of the value.

    Many schemes stand closer, without their codes, and more without their errors.
    """
    schemes, at = result.schemes, result.at
    stored = schemes[0].stored
    count = len(stored.x)
    room = width - 6 - VALUE
    code = max(len(str(2 ** round(scheme.code_bits))) for scheme in schemes) + 1
    forms = ((max(code, 8), 11, 10), (max(code, 5), 9, 9), *BARE)  # from roomy
    cells = next((sizes for sizes in forms if sum(sizes) * len(schemes) <= room), forms[-1])
    fit = schemes[: max(1, room // sum(cells))]
    rows, start = max(1, height - 2), first_row(count, at, height)
    part = range(start, min(start + rows, count))
    cut = f" {len(part):,} of {count:,}" if len(part) < count else ""
    picture = [_heading(fit, sum(cells), width, cut, glyphs), _units(fit, cells)]
    starts = {stored.members(stored.group_of(i)).start for i in part}
    digits = 4 if cells[1] > 9 else 3
    values = aligned([short(value, 4) for value in stored.x[part.start : part.stop].tolist()])
    shown = [_Columns.of(scheme, part, digits) for scheme in fit]
    picture += _rows(values, shown, starts, cells, part, at, glyphs)
    return tuple(picture)


def sentence(result: QuantizerResult) -> str:
    """What there is to see, and why."""
    worst = next(
        (s.extremes.largest_relative for s in result.schemes if s.extremes.largest_relative is not None), None
    )
    if worst is None:
        return "Every number comes back as it was."
    if max(scheme.lost_to_zero for scheme in result.schemes[:3]) > 1:
        lost = per_scheme(result, lambda _, scheme: f"{scheme.lost_to_zero:,}")
        return f"What is nearest to 0 falls to 0, an error of 100 %: of {result.count:,} numbers {lost}."
    value = short(float(result.schemes[0].stored.x[worst]))
    back = per_scheme(
        result,
        lambda _, scheme: f"{short(float(scheme.stored.y[worst]), 3)}, {percent(float(scheme.relative[worst]))} off",
    )
    return f"{value} (number {worst}) fares worst and comes back as: {back}."


def first_row(count: int, at: int, height: int) -> int:
    """The first of `count` weights that is shown when weight `at` is."""
    rows = max(1, height - 2)
    return min(max(at - rows // 2, 0), max(count - rows, 0))


def _heading(schemes: Sequence[Scheme], cells: int, width: int, cut: str, glyphs: Glyphs) -> Line:
    """The names of the schemes over their `cells`, and before them how many rows of how many are shown."""
    spans: list[Span | str] = [(cut.ljust(6 + VALUE), "dim")]
    for index, scheme in enumerate(schemes):
        room = cells if index < len(schemes) - 1 else width - 6 - VALUE - index * cells
        name = f" {LETTERS[index]} {scheme.stored.label}"
        # In few cells one more letter tells schemes apart better than the mark of a cut.
        name = crop_text(name, room - 1, glyphs.ellipsis) if room > FEW else name[: room - 1]
        spans.append((name.ljust(min(room, cells)), SERIES[index]))
    return line(*spans)


def _units(schemes: Sequence[Scheme], cells: Cells) -> Line:
    head = "#".rjust(5) + "value".rjust(VALUE + 1)
    names = "".join(
        name.rjust(size) if size else "" for name, size in zip(("code", "back", "error %"), cells, strict=True)
    )
    return line((head + names * len(schemes), "dim"))


class _Columns(NamedTuple):
    """The weights of one scheme that are shown: what is written of each, and whether it fell on 0."""

    codes: list[str]
    backs: list[str]
    errors: list[str]
    lost: list[bool]

    @classmethod
    def of(cls, scheme: Scheme, part: range, digits: int) -> _Columns:
        cut, stored = slice(part.start, part.stop), scheme.stored
        kept = frozenset(stored.kept.tolist())
        codes = zip(part, stored.codes[cut].tolist(), strict=True)
        x, y, errors = (values[cut].tolist() for values in (stored.x, stored.y, scheme.relative))
        return cls(
            ["kept" if i in kept else str(c) for i, c in codes],
            aligned([short(value, digits) for value in y]),
            [_error(value, share) for value, share in zip(x, errors, strict=True)],
            [value != 0 and back == 0 for value, back in zip(x, y, strict=True)],
        )


def _rows(
    values: Sequence[str],
    schemes: Sequence[_Columns],
    starts: Container[int],
    cells: Cells,
    part: range,
    at: int,
    glyphs: Glyphs,
) -> list[Line]:
    """A row for each value; a rule glyph before it marks where a block of the first scheme `starts`."""
    rows = []
    for row, i in enumerate(part):
        here = i == at
        spans: list[Span | str] = [
            (glyphs.right if here else glyphs.horizontal if i in starts else " ", "cursor" if here else "axis"),
            (str(i).rjust(4), "dim"),
            (values[row].rjust(VALUE + 1), "strong" if here else ""),
        ]
        for index, scheme in enumerate(schemes):
            lost = scheme.lost[row]
            if cells[0]:
                spans.append((scheme.codes[row].rjust(cells[0]), SERIES[index]))
            spans += _padded(scheme.backs[row], cells[1], "bad" if lost else "strong" if here else "")
            if cells[2]:
                spans += _padded(scheme.errors[row], cells[2], "bad" if lost else "dim")
        rows.append(line(*spans))
    return rows


def _padded(text: str, room: int, role: str) -> tuple[str, Span, str]:
    """`text` to the right of `room` cells; the blanks around it have no role, which would underline them."""
    whole, bare = text.rjust(room), text.strip()
    start = len(whole) - len(whole.lstrip())
    return whole[:start], (bare, role), whole[start + len(bare) :]


def _error(x: float, share: float) -> str:
    """The error in percent of the value `x`, its point where all others have theirs; a zero that stays has none."""
    text = "0.00" if x == 0 and share == 0 else percent(share).removesuffix(" %")
    whole, point, decimals = text.partition(".")
    return f"{whole}{point or ' '}{decimals:<2}"
