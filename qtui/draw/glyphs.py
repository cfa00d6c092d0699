"""The characters that pictures are made of, in Unicode and in ASCII. All take one cell."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Glyphs:
    """One set of drawing characters."""

    name: str
    eighths: str  # heights 1/8 ... 8/8 of a cell, rising from its foot
    lefts: str  # widths 1/8 ... 8/8 of a cell, growing from its left edge
    shades: str  # light to full
    horizontal: str
    vertical: str
    tick: str
    cross: str
    up: str
    down: str
    left: str
    right: str
    dot: str
    bullet: str
    yes: str
    no: str
    ellipsis: str
    times: str
    minus: str
    plus_minus: str
    approx: str
    half_top: str
    half_bottom: str
    full_dot: str
    open_dot: str


UNICODE = Glyphs(
    name="unicode",
    eighths="▁▂▃▄▅▆▇█",
    lefts="▏▎▍▌▋▊▉█",
    shades="░▒▓█",
    horizontal="─",
    vertical="│",
    tick="┬",
    cross="┼",
    up="▲",
    down="▼",
    left="◀",
    right="▶",
    dot="·",
    bullet="•",
    yes="✓",
    no="✗",
    ellipsis="…",
    times="×",
    minus="−",
    plus_minus="±",
    approx="≈",
    half_top="▀",
    half_bottom="▄",
    full_dot="●",
    open_dot="○",
)

ASCII = Glyphs(
    name="ascii",
    eighths="...:::##",
    lefts="...:::##",
    shades=".:+#",
    horizontal="-",
    vertical="|",
    tick="+",
    cross="+",
    up="^",
    down="v",
    left="<",
    right=">",
    dot=".",
    bullet="*",
    yes="y",
    no="x",
    ellipsis="~",
    times="x",
    minus="-",
    plus_minus="+-",
    approx="~",
    half_top="^",
    half_bottom="_",
    full_dot="*",
    open_dot=".",
)


def bar_text(share: float, room: int, glyphs: Glyphs, second: bool = False) -> str:
    """A bar of `share` (0 to 1) of `room` cells, in eighths of a cell; the `second` of a pair is shaded, in cells."""
    share = min(max(share, 0.0), 1.0)
    if second:
        return glyphs.shades[1] * (max(round(share * room), 1) if share * room >= 1 / 8 else 0)
    full, rest = divmod(round(share * room * 8), 8)
    return glyphs.lefts[-1] * full + (glyphs.lefts[rest - 1] if rest else "")


# What has no decomposition of its own in Unicode, by what looks or reads most like it.
_LIKE = {"σ": "s", "μ": "u", "Σ": "S", "∑": "S", "Δ": "d", "∞": "i", "√": "v", "≤": "<", "≥": ">", "≠": "!", "→": ">"}
_LIKE |= {
    "×": "x",
    "·": ".",
    "−": "-",
    "–": "-",
    "—": "-",
    "…": "~",
    "≈": "~",
    "±": "+",
    "█": "#",
    "✓": ASCII.yes,
    "✗": ASCII.no,
    "’": "'",
    "∑": "S",
}


_RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
_LOWERED = str.maketrans(_RAISED, "-0123456789")
_POWER = re.compile(rf"(?<!\d)10([{_RAISED}]+)")


def plain(text: str) -> str:
    """`text` in ASCII, cell for cell: for a terminal or locale that has no more, whatever a name or a unit holds.

    A power of ten stays one, in as many cells: 10³⁸ is 1e38.
    """
    if text.isascii():
        return text
    text = _POWER.sub(lambda power: f"1e{power[1].translate(_LOWERED)}", text)
    return "".join(_plain(character) for character in text)


def _plain(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.combining(character):
        return ""
    like = _LIKE.get(character) or unicodedata.normalize("NFKD", character)[0]
    if not like.isascii():
        like = "?"
    return like * 2 if unicodedata.east_asian_width(character) in "WF" else like
