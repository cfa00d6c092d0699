"""The fields of the Quantizer as text: what they show, how they are read, what a step key makes of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import Any

from qtui.compute.data import ESSAY, MAX_DRAWN
from qtui.compute.formats import Format, all_formats
from qtui.scenario.base import UserError
from qtui.scenario.formats import named_format
from qtui.scenario.quantizer.edit import with_format, with_kind, with_text
from qtui.scenario.quantizer.scenario import QuantizerScenario


def change_of(scenario: QuantizerScenario, scheme: int, name: str, text: str) -> dict[str, Any]:
    """What the field `name`, set to `text`, changes. Raises UserError for what can't be used."""
    read: dict[str, Callable[[], dict[str, Any]]] = {
        "kind": lambda: with_kind(text),
        "text": lambda: with_text(text),
        "format": lambda: with_format(scenario, scheme, checked(text)),
        "outlier": lambda: {"outlier": number(text) if text.strip() else None},
        "row": lambda: {"row": whole(text) if text.strip() else None},
        "size": lambda: {"size": whole(text)},
        "seed": lambda: {"seed": whole(text)},
        "keep": lambda: {"keep": whole(text)},
        "spread": lambda: {"spread": number(text)},
        "strength": lambda: {"strength": number(text)},
        "input": lambda: {"input": number(text)},
    }
    return read.get(name, lambda: {name: text})()


def offered(own: Iterable[str]) -> tuple[Format, ...]:
    """The formats to choose from: those of `own` specs that no list has, tables of one's own say, then all others."""
    listed = [fmt for fmt in all_formats() if fmt.can_encode]
    names = {fmt.name for fmt in listed}
    extra = {}
    for spec in own:
        with contextlib.suppress(UserError):  # what another pane knows need not be a storage format
            fmt = named_format(spec)
            if fmt.can_encode and fmt.name not in names:
                extra[fmt.name] = fmt
    return (*extra.values(), *listed)


def typed(scenario: QuantizerScenario) -> str:
    """The numbers or the path, as the person would type them."""
    return scenario.source or " ".join(scenario.values) or " ".join(f"{value:g}" for value in ESSAY)


def checked(spec: str) -> str:
    """`spec`, unless no format has that name: raises UserError."""
    if spec.strip():
        named_format(spec)
    return spec


def number(text: str) -> float:
    """The number in `text`. Raises UserError where there is none."""
    try:
        return float(text)
    except ValueError:
        raise UserError(f"{text!r} is not a number") from None


def whole(text: str) -> int:
    """The whole number in `text`. Raises UserError where there is none."""
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
    """The whole number `by` larger, at least 0."""
    return str(max(0, whole(text or "0") + by))


def tenth(text: str, by: int) -> str:
    """The number `by` tenths larger."""
    return f"{number(text) + by * 0.1:.6g}"
