"""The seeded distributions that stand in for a model's weights: their names and what each teaches.

The numbers themselves are drawn by `data.draw`; this table needs no numpy, so parsers and help can read it.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtui.error import QtuiError


@dataclass(frozen=True)
class Distribution:
    """One kind of synthetic weights. `uses_strength` says whether outlier strength changes it."""

    name: str
    title: str
    description: str
    uses_strength: bool = False


DISTRIBUTIONS = (
    Distribution("normal", "Normal", "a bell curve, what most layers of a trained model look like"),
    Distribution("laplace", "Laplace", "a sharp peak with longer tails than the bell curve"),
    Distribution("student-t", "Student t", "heavy tails (3 degrees of freedom): large weights keep turning up"),
    Distribution("uniform", "Uniform", "every value in a range is as likely as any other"),
    Distribution("bimodal", "Bimodal", "two humps, with little at zero"),
    Distribution("sparse", "Sparse", "nine weights in ten are exactly zero"),
    Distribution("outliers", "Outliers", "a bell curve where one weight in 1000 is enlarged", uses_strength=True),
    Distribution("superweight", "Super-weight", "a bell curve with a single enormous weight", uses_strength=True),
    Distribution("blockscale", "Block-scaled", "a bell curve whose width changes every 32 weights"),
)

NAMES = tuple(distribution.name for distribution in DISTRIBUTIONS)


def distribution(name: str) -> Distribution:
    """The distribution called `name`. Raises QtuiError with the names there are."""
    for kind in DISTRIBUTIONS:
        if kind.name == name.strip().lower():
            return kind
    raise QtuiError(f"no distribution is called {name!r}; there are {', '.join(NAMES)}")
