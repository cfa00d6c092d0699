"""Measures of quality that a person can follow by hand: two bells, one probability, many steps, few questions."""

from __future__ import annotations

import math
from dataclasses import dataclass

# GPQA Diamond on Qwen3.5 9B, from "Quantization from the ground up" (2026): level, right answers of 198.
QUESTIONS = 198
GPQA = (
    ("bf16", 132),
    ("8-bit symmetric", 145),
    ("4-bit asymmetric", 124),
    ("4-bit symmetric", 131),
    ("2-bit (Q2_K)", 2),
)
CONFIDENT = 1.959963984540054  # standard normal quantile of 97.5 %


@dataclass(frozen=True)
class Confidence:
    """A share with the interval that holds it with 95 % confidence."""

    name: str
    share: float
    low: float
    high: float


def wilson(name: str, right: int, total: int) -> Confidence:
    """Wilson's score interval (1927) of `right` of `total`. Raises ValueError unless 0 ≤ right ≤ total > 0."""
    if not 0 <= right <= total or total < 1:
        raise ValueError(f"{right} of {total} is no share")
    p, z2 = right / total, CONFIDENT**2
    centre = (p + z2 / (2 * total)) / (1 + z2 / total)
    half = CONFIDENT * math.sqrt(p * (1 - p) / total + z2 / (4 * total**2)) / (1 + z2 / total)
    return Confidence(name, p, max(centre - half, 0.0), min(centre + half, 1.0))


def gpqa_intervals() -> tuple[Confidence, ...]:
    """The essay's benchmark with its sampling errors."""
    return tuple(wilson(name, right, QUESTIONS) for name, right in GPQA)


def questions_needed(difference: float, share: float) -> int:
    """How many questions tell two shares around `share` apart by `difference`, with 95 % confidence: both measured on
    as many of their own."""
    return math.ceil(2 * (CONFIDENT / difference) ** 2 * share * (1 - share))


def bell(x: float, shift: float = 0.0, width: float = 1.0) -> float:
    """The density of N(shift, width²) at x."""
    return math.exp(-0.5 * ((x - shift) / width) ** 2) / (width * math.sqrt(2 * math.pi))


def all_steps(chance: float, steps: int) -> float:
    """The chance that `steps` steps in a row all succeed, each with `chance`."""
    return chance**steps
