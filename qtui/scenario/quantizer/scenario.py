"""The Quantizer's Scenario: numbers, up to six schemes, and one picture of what happens."""

from __future__ import annotations

from dataclasses import dataclass

from qtui.scenario.base import Scenario, argument, finite, integer, option

VIEWS = {
    "map": "Mapping lines",
    "table": "Value by value",
    "line": "Number lines",
    "stairs": "Staircase",
    "grid": "Grid and codes",
    "blocks": "Blocks and scales",
    "tile": "Heat map",
    "bytes": "Stored bytes",
    "ledger": "Ledger of bits",
    "code": "Live code",
    "outlier": "An outlier's story",
    "sweep": "Block size sweep",
    "smart": "Smart methods",
    "net": "Small network",
    "grow": "Grown on paper",
}
MOST_SCHEMES = 6
MOST_KEPT = 4096
DRAWN = "drawn"  # in place of a file with an importance vector
DEFAULT_SCHEMES = ("int4:sym", "int4:asym")


@dataclass(frozen=True)
class QuantizerScenario(Scenario):
    """Which numbers, in which formats, and what to look at."""

    command = "quantize"
    values: tuple[str, ...] = argument(
        (), "numbers, or a file (.npy, .safetensors, .gguf); without any, the essay's six", metavar="VALUE", many=True
    )
    format: tuple[str, ...] = option(
        DEFAULT_SCHEMES,
        "a storage format such as Q4_K or int4:asym,block=32; up to six",
        "--format",
        "-f",
        metavar="FORMAT",
        many=True,
    )
    dist: str = option(
        "", "draw weights: normal, laplace, student-t, uniform, bimodal, sparse, outliers, superweight, blockscale"
    )
    size: int = option(4096, "how many weights to draw", "--count", also=("--size",))
    spread: float = option(0.02, "their standard deviation")
    seed: int = option(0, "the same seed draws the same weights")
    strength: float = option(50.0, "how large drawn outliers are, in spreads")
    outlier: float | None = option(None, "put in one outlier of this value", metavar="VALUE", type=finite)
    keep: int = option(0, "keep this many of the largest weights of a row apart, in a side table", metavar="N")
    source: str = option("", "quantize the array in this file, row by row", "--in", metavar="FILE.npy")
    tensor: str = option("", "the tensor of the file to take", metavar="NAME")
    row: int | None = option(None, "only this row of it", metavar="N", type=integer)
    importance: str = option(
        "", "weigh errors by this imatrix (.npy or llama-imatrix's); drawn makes one up", metavar="FILE"
    )
    view: str = option(
        "map", "what to draw: " + ", ".join(VIEWS), choices=tuple(VIEWS), metavar="VIEW", also=("--show",)
    )
    at: int = option(0, "the weight to look at, counted from 0", metavar="N")
    probe: float = option(0.3, "where the bar stands on the number lines", metavar="VALUE")
    net: str = option("1-3-1", "layers of the small network", metavar="LAYERS")
    input: float = option(2.0, "what goes into the network", metavar="VALUE")
    node: int = option(0, "the node to look at, counted from the first input", metavar="N")
    step: int = option(0, "how far the network is grown on paper", metavar="N")
    out: str = option("", "write the values that come back, as float32", metavar="FILE.npy")
    out_bytes: str = option("", "write the stored bytes, rows one after the other", metavar="FILE")
