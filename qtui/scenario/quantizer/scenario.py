"""The Quantizer's Scenario and how it is solved: numbers, up to four schemes, and one picture of what happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from qtui.compute.formats import Format, get_format
from qtui.scenario.base import Scenario, UserError, argument, option
from qtui.scenario.progress import Progress

if TYPE_CHECKING:
    from qtui.compute.codec import F32, Encoded
    from qtui.compute.errors import ErrorStats
    from qtui.compute.quantizer.network import Drift, Step
    from qtui.compute.quantizer.outlier import Rescue
    from qtui.compute.quantizer.smart import Smart
    from qtui.compute.quantizer.stored import StoredWeights
    from qtui.compute.quantizer.sweep import Sweep
    from qtui.scenario.quantizer.bench import Workbench

VIEWS = {
    "map": "mapping lines",
    "table": "value by value",
    "line": "number lines",
    "stairs": "staircase",
    "grid": "grid and codes",
    "blocks": "blocks and scales",
    "tile": "heat map",
    "bytes": "stored bytes",
    "ledger": "ledger of bits",
    "code": "live code",
    "outlier": "an outlier's story",
    "sweep": "block size sweep",
    "smart": "smart methods",
    "net": "small network",
    "grow": "grown on paper",
}
MOST_SCHEMES = 4
MOST_KEPT = 4096
DEFAULT_SCHEMES = ("int4:sym", "int4:asym")


@dataclass(frozen=True, repr=False, eq=False)
class QuantizerScenario(Scenario):
    """Which numbers, in which formats, and what to look at."""

    command = "quantize"
    values: tuple[str, ...] = argument(
        (), "numbers, or a file (.npy, .safetensors, .gguf); without any, the essay's six", metavar="VALUE", many=True
    )
    format: tuple[str, ...] = option(
        DEFAULT_SCHEMES,
        "a storage format such as Q4_K or int4:asym,block=32; up to four",
        "--format",
        "-f",
        metavar="FORMAT",
        many=True,
    )
    dist: str = option(
        "", "draw weights: normal, laplace, student-t, uniform, bimodal, sparse, outliers, superweight, blockscale"
    )
    size: int = option(4096, "how many weights to draw")
    spread: float = option(0.02, "their standard deviation")
    seed: int = option(0, "the same seed draws the same weights")
    strength: float = option(50.0, "how large drawn outliers are, in spreads")
    outlier: float | None = option(None, "put in one outlier of this value", metavar="VALUE", type=float)
    keep: int = option(0, "keep this many of the largest weights of a row apart, in a side table", metavar="N")
    source: str = option("", "quantize the array in this file, row by row", "--in", metavar="FILE.npy")
    tensor: str = option("", "the tensor of the file to take", metavar="NAME")
    row: int | None = option(None, "only this row of it", metavar="N", type=int)
    importance: str = option(
        "", "weigh errors by this imatrix, one number a column; drawn makes one up", metavar="FILE.npy"
    )
    show: str = option("map", "what to draw: " + ", ".join(VIEWS), choices=tuple(VIEWS), metavar="VIEW")
    at: int = option(0, "the weight to look at, counted from 0", metavar="N")
    probe: float = option(0.3, "where the bar stands on the number lines", metavar="VALUE")
    net: str = option("1-3-1", "layers of the small network", metavar="LAYERS")
    input: float = option(2.0, "what goes into the network", metavar="VALUE")
    node: int = option(0, "the node to look at, counted from the first input", metavar="N")
    step: int = option(0, "how far the network is grown on paper", metavar="N")
    out: str = option("", "write the values that come back, as float32", metavar="FILE.npy")
    out_bytes: str = option("", "write the stored bytes, rows one after the other", metavar="FILE")


@dataclass(frozen=True)
class Scheme:
    """One format on the numbers: `stored` takes the first of them apart, `stats` and sizes are of all of them."""

    spec: str
    format: Format
    stored: StoredWeights
    stats: ErrorStats
    nbytes: int
    bits_per_weight: float


@dataclass(frozen=True)
class QuantizerResult:
    """What the pane and the command line show. `rescue` ... `smart`: there when their view is asked for.

    `at`, `node` and `step` are the Scenario's, moved to the nearest weight, node or step that there is.
    """

    scenario: QuantizerScenario
    title: str
    count: int
    rows: int
    columns: int
    schemes: tuple[Scheme, ...]
    notes: tuple[str, ...] = ()
    rescue: Rescue | None = None
    sweep: tuple[Sweep, ...] = ()
    drift: Drift | None = None
    smart: Smart | None = None
    grown: tuple[Step, ...] = ()
    tensors: tuple[str, ...] = ()
    at: int = 0
    node: int = 0
    step: int = 0

    @property
    def reach(self) -> tuple[float, float]:
        """Where the number lines begin and end: a little beyond the block of weight `at` and the grids near it.

        The smallest block of all schemes counts, so that all show the same weights.
        """
        from qtui.compute.quantizer.grid import ends

        blocks = [each.stored.members(each.stored.group_of(self.at)) for each in self.schemes]
        smallest = min(blocks, key=len)
        reached = [end for each in self.schemes for end in ends(each.stored, smallest)]
        low, high = min(reached), max(reached)
        margin = 0.04 * ((high - low) or 1.0)
        return low - margin, high + margin


class Sink(Protocol):
    """Takes the first scheme's bytes and values as they are made; `quantize_files.py` has one that writes files."""

    def begin(self, shape: tuple[int, ...]) -> None:
        """The shape of the numbers that are coming."""

    def take(self, encoded: Encoded, values: F32) -> None:
        """The next bytes, and the values they stand for."""


def formats_of(scenario: QuantizerScenario) -> tuple[tuple[str, Format], ...]:
    """The formats that `scenario` names. Raises UserError for too many, for none, or for one that can't encode."""
    if not 1 <= len(scenario.format) <= MOST_SCHEMES:
        raise UserError(f"compare one to {MOST_SCHEMES} formats, not {len(scenario.format)}")
    found = []
    for spec in scenario.format:
        fmt = get_format(spec)
        if not fmt.can_encode:
            raise UserError(
                f"{fmt.name} can be read but not written here; choose a format that `qtui formats` can write"
            )
        found.append((spec, fmt))
    return tuple(found)


def solve(
    scenario: QuantizerScenario,
    progress: Progress | None = None,
    sink: Sink | None = None,
    bench: Workbench | None = None,
) -> QuantizerResult:
    """Quantize what `scenario` asks for; `sink` takes the first scheme's bytes, `bench` keeps what can be used again.

    Raises UserError (or ValueError) with one sentence for what can't be done.
    """
    from qtui.scenario.quantizer.bench import Workbench
    from qtui.scenario.quantizer.look import look

    formats = formats_of(scenario)
    if not 0 <= scenario.keep <= MOST_KEPT:
        raise UserError(f"keep 0 to {MOST_KEPT} outliers of a row apart, not {scenario.keep}")
    progress = progress or Progress()
    bench = bench or Workbench()
    found = bench.numbers(scenario)
    schemes = tuple(
        bench.scheme(scenario, spec, fmt, progress, sink if index == 0 else None)
        for index, (spec, fmt) in enumerate(formats)
    )
    return look(scenario, found, schemes, bench, progress)
