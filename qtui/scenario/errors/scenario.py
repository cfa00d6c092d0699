"""What formats cost in error: on seeded numbers, on one tensor, or on every tensor of a model file."""

from __future__ import annotations

from dataclasses import dataclass

from qtui.compute.distributions import NAMES
from qtui.scenario.base import Scenario, argument, option

DEFAULT_FORMATS = ("Q4_0", "Q4_K", "Q8_0")
VIEWS = ("errors", "browse", "survey", "against")
ORDERS = ("file", "name", "size")
GROUPS = ("tensor", "layer", "role")
LAYOUTS = ("overlaid", "stacked")


@dataclass(frozen=True)
class ErrorsScenario(Scenario):
    """The data, the formats, how much of the data is measured, and how the errors are shown."""

    command = "errors"
    path: str = argument("", "a model file or directory; without one, seeded numbers (--dist)", metavar="FILE")
    against: str = option("", "compare FILE with this file, its original: what did it lose?", metavar="REFERENCE")
    format: tuple[str, ...] = option(
        DEFAULT_FORMATS, "a format to measure; give it once for each", "--format", "-f", metavar="FORMAT", many=True
    )
    tensor: str = option("", "one tensor of the file by name, or those whose names match words", metavar="NAME")
    data: str = option(
        "normal", "distribution of the numbers where no file is given", "--dist", choices=NAMES, also=("--data",)
    )
    count: int = option(65536, "how many numbers to draw")
    seed: int = option(0, "seed of the draw")
    spread: float = option(0.02, "standard deviation of the draw")
    strength: float = option(50.0, "size of outliers, in multiples of the spread")
    exact: bool = option(False, "measure every weight, however long that takes")
    sample: int = option(0, "measure about this many weights of each tensor; 0 decides by their number")
    view: str = option("errors", "what to show first in the app, and what to print", choices=VIEWS, also=("--show",))
    unit: str = option("weights", "unit of the error axis", choices=("weights", "steps"))
    counts: str = option("log", "scale of the counts", choices=("log", "linear"))
    layout: str = option("overlaid", "histograms over each other, or one below the other", choices=LAYOUTS)
    even: bool = option(False, "show what rounding evenly within half a step would give the first format")
    zoom: int = option(0, "halve the range of errors this many times")
    group: str = option("tensor", "rows of the survey", choices=GROUPS)
    sort: str = option(
        "file",
        "order of the survey's rows: file, name, size, or a format (worst first); -ORDER reverses",
        metavar="ORDER",
    )
