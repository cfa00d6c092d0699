"""What the Quantizer pane's fields show and how what is typed into them is read."""

from __future__ import annotations

from qtui.compute.data import ESSAY, MAX_DRAWN
from qtui.compute.distributions import distribution
from qtui.compute.formats import get_format
from qtui.scenario.base import UserError
from qtui.scenario.quantize import QuantizeScenario


def kind_title(kind: str) -> str:
    return {"essay": "The essay's six", "typed": "Typed", "file": "A file"}.get(kind) or distribution(kind).title


def typed(scenario: QuantizeScenario) -> str:
    """The numbers or the path, as the person would type them."""
    return scenario.source or " ".join(scenario.values) or " ".join(f"{value:g}" for value in ESSAY)


def checked(spec: str) -> str:
    """`spec`, which get_format knows; ValueError otherwise."""
    if spec.strip():
        get_format(spec)
    return spec


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UserError(f"{text!r} is not a number") from None


def whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UserError(f"{text!r} is not a whole number") from None


def doubled(text: str, by: int) -> str:
    """The number twice as large, or half (by ten: eight times)."""
    value = number(text or "1") * 2.0 ** (by if abs(by) == 1 else 3 * (by > 0) - 3 * (by < 0))
    return f"{min(value, MAX_DRAWN):g}" if "." not in text and value >= 1 else f"{value:.3g}"


def scaled(text: str, by: int) -> str:
    """The next of 1, 2, 5, 10, ... above or below."""
    value = number(text)
    steps = [m * 10.0**e for e in range(-9, 7) for m in (1, 2, 5)]
    beyond = [s for s in steps if (s > value * 1.0001 if by > 0 else s < value / 1.0001)]
    return f"{(beyond[0] if by > 0 else beyond[-1]):g}" if beyond else text


def counted(text: str, by: int) -> str:
    return str(max(0, whole(text or "0") + by))


def tenth(text: str, by: int) -> str:
    return f"{number(text) + by * 0.1:.6g}"
