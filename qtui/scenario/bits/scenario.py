"""The Bits pane's Scenario: a value, a number format and a way to look at them."""

from __future__ import annotations

from dataclasses import dataclass

from qtui.compute.distributions import NAMES
from qtui.compute.floats.names import ROUNDINGS
from qtui.scenario.base import Scenario, argument, option

# The views with their titles; `qtui.draw.bits` has a module of each name that draws it.
VIEWS = {
    "inspect": "Inspect",
    "all": "All formats",
    "line": "Line",
    "density": "Density",
    "sine": "Sine wave",
    "formats": "Formats",
    "design": "Design",
    "codebook": "Own table",
}
ZOOMS = ("1", "30", "200")
# The formats that a learner meets, before all the others.
USUAL = (
    *("float32", "bfloat16", "float16", "float8_e4m3fn", "float8_e5m2", "float4_e2m1fn"),
    *("int8", "uint8", "int4", "nf4"),
)
STACKED = ("float32", "bfloat16", "float16", "float8_e4m3fn", "float4_e2m1fn")
ESSAYS = "essay"  # the data set of the essay's six weights
DATA = (ESSAYS, *NAMES)


@dataclass(frozen=True)
class BitsScenario(Scenario):
    """What to look at, and how."""

    command = "bits"

    value: str = argument(
        "1.5", "0.1, 1/3, 2**-14, 0x1.8p-3, inf, nan, -0; or a code: 0x3dcc, 0b0101, #15820", metavar="VALUE"
    )
    format: str = option(
        "float32",
        "float16, bfloat16, float8_e4m3fn, int8, nf4, ..., float:e=4,m=3,bias=7,special=fn or codebook:-1,0,0.4,1",
        "--format",
        "-f",
    )
    rounding: str = option("nearest-even", "how to round", "--rounding", "-r", choices=ROUNDINGS)
    saturate: bool = option(False, "clamp what is too large to the largest value, instead of infinity or NaN")
    seed: int = option(0, "of stochastic rounding")
    all: bool = option(False, "every format, not only the usual ones")
    view: str = option("inspect", "what to draw", choices=tuple(VIEWS), also=("--show",))
    stack: tuple[str, ...] = option(
        STACKED, "a format on the number line and the sine (repeat it)", "--with", metavar="FORMAT", many=True
    )
    hide: tuple[str, ...] = option(
        (), "a format left out of the sine (repeat it)", "--hide", metavar="FORMAT", many=True
    )
    low: str = option("", "where the number line or the density begins", "--from", metavar="X")
    high: str = option("", "where it ends", "--to", metavar="X")
    log: bool = option(False, "density: counts on a logarithmic scale")
    percent: bool = option(False, "density: shares instead of counts")
    zoom: str = option("1", "sine: how much larger", choices=ZOOMS)
    dist: str = option("normal", "codebook: the weights that tables are tried on", choices=DATA)
