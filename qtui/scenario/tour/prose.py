"""The prose of a step: keys and computed numbers in the place of {}, and the plain numbers that it states."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from typing import NamedTuple

from qtui.scenario.base import UserError

_PLACE = re.compile(r"\{([^{}]*)\}")
_ACTION = re.compile(r"[a-z_]+(\.[a-z_0-9]+)+")
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
# A number that no letter, digit or point touches; then perhaps a power of ten. 1-3-1 and 4-bit are names.
_NUMBER = re.compile(
    r"(?<![\w.,])(?<![A-Za-z0-9]-)(\d+(?:,\d{3})*(?:\.\d+)?)(?![\d\w]|[.,]\d|-[A-Za-z0-9])"
    r"(?: ?× ?10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+))?"
)
EVERYDAY = ("0", "1")  # needs no proof


class StatedNumber(NamedTuple):
    """A number in prose, as it is written, its value, and half of its last digit."""

    text: str
    value: float
    slack: float


def resolved(text: str, key_of: Callable[[str], str], worth: Callable[[str], object]) -> str:
    """`text` with the key of each {action}, and each {=EXPRESSION:FORMAT} worked out."""

    def place(match: re.Match[str]) -> str:
        inside = match[1]
        if not inside.startswith("="):
            return key_of(inside)
        _, _, spec = inside.rpartition(":") if ":" in inside else ("", "", "")
        value = worth(expression_of(inside))
        try:
            return format(value, spec)
        except (TypeError, ValueError):
            raise UserError(f"{value!r} can't be written as {spec!r}") from None

    return _PLACE.sub(place, text)


def reflowed(text: str, columns: int) -> str:
    """`text` in lines of at most `columns` characters: keys in it are longer or shorter than what stood there."""
    paragraphs = text.split("\n\n")
    return "\n\n".join(textwrap.fill(" ".join(paragraph.split()), columns) for paragraph in paragraphs)


def expressions_in(text: str) -> list[str]:
    """The {=EXPRESSION:FORMAT} in `text`, without their braces."""
    return [inside for inside in _PLACE.findall(text) if inside.startswith("=")]


def expression_of(inside: str) -> str:
    """The expression of an `=EXPRESSION:FORMAT`."""
    return inside[1:].rpartition(":")[0] if ":" in inside else inside[1:]


def is_action(name: str) -> bool:
    """Whether `name` is written as the id of an action."""
    return _ACTION.fullmatch(name) is not None


def numbers_in(text: str) -> Iterator[StatedNumber]:
    """The plain numbers in `text`, without their signs; 0 and 1 are none."""
    for match in _NUMBER.finditer(_PLACE.sub("_", text)):
        if match[0] not in EVERYDAY:
            yield stated(match)


def stated(match: re.Match[str]) -> StatedNumber:
    """What a match of a number says."""
    plain = match[1].replace(",", "")
    decimals = len(plain.partition(".")[2])
    power = 10.0 ** int(match[2].translate(_SUPERSCRIPT)) if match[2] else 1.0
    return StatedNumber(match[0], float(plain) * power, 0.5 * 10.0**-decimals * power)


def number_in(text: str) -> StatedNumber | None:
    """The first number in `text`, 0 and 1 too; None where it has none."""
    match = _NUMBER.search(text.replace("−", "-").lstrip("-"))
    return stated(match) if match else None


def agrees(number: StatedNumber, value: object) -> bool:
    """Whether `value` is what was stated, at the digits shown."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return False
    if not isinstance(value, int | float):
        return False
    return abs(abs(value) - number.value) <= number.slack * (1 + 1e-9)


def mentions(text: str, term: str) -> bool:
    """Whether `text` has `term`, alone or as a plural."""
    return re.search(rf"\b{re.escape(term)}s?\b", text) is not None


def words_in(text: str) -> int:
    """How many words a person reads in `text`."""
    return len(re.findall(r"\S*\w\S*", text))
