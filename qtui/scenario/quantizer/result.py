"""What the Quantizer shows: each scheme's stored weights, their errors, and what happens at one of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.errors import ErrorStats
from qtui.compute.formats import Format
from qtui.compute.quantizer.bytes import LedgerEntry
from qtui.compute.quantizer.grid import CodeUse
from qtui.compute.quantizer.network import Drift
from qtui.compute.quantizer.outlier import Rescue
from qtui.compute.quantizer.smart import Smart
from qtui.compute.quantizer.stored import Level, StoredWeights
from qtui.compute.quantizer.sweep import Sweep
from qtui.scenario.quantizer.scenario import QuantizerScenario

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Extremes:
    """The weights with the largest errors, by position, and the ranges of the figures over the shown weights.

    `largest_error` is the weight with the greatest absolute error, `largest_relative` the one with the greatest
    relative error (None where there is none above 0). `magnitude_99` and `error_99` are 99th percentiles, `scale_low`
    and `scale_high` the ends of the scales above 0 (both 0 without any).
    """

    largest_error: int
    largest_relative: int | None
    magnitude_99: float
    error_99: float
    scale_low: float
    scale_high: float


@dataclass(frozen=True, eq=False)
class Scheme:
    """One format on the numbers: `stored` takes the first of them apart, `stats` and sizes are of all of them.

    Of each weight that is taken apart, float64 (n,): `magnitude` of what went in, `error` (absolute), `relative`
    error (NaN where a zero changed), and `scales`, the magnitude of the scale that applies to it (1 where the format
    has none). `bits` are those of the ledger: for each place, those left empty in a last block too; `code_bits` of
    them are each weight's own, `shared_bits` its share of scales and the like, which `shared_by` weights pay for
    (the fewest that do; 0 where nothing is shared).
    `scale_range` and `zero_point_range` are the least and the greatest stored, None where there are none.
    `by_value` says that marks of the grid are named by the values of a table rather than by their codes.
    """

    spec: str
    format: Format
    stored: StoredWeights
    stats: ErrorStats
    nbytes: int
    bits_per_weight: float
    lost_to_zero: int
    magnitude: F64
    error: F64
    relative: F64
    scales: F64
    ledger: tuple[LedgerEntry, ...]
    bits: float
    code_bits: float
    shared_bits: float
    shared_by: int
    extremes: Extremes
    scale_range: tuple[float, float] | None
    zero_point_range: tuple[float, float] | None
    by_value: bool
    use: CodeUse | None


@dataclass(frozen=True)
class WeightGroup:
    """Weights that share a scale: positions `members`, the values they can take, the codes that they use.

    Of the `levels`, `wasted` have no weight.

    `low` and `high` are the ends of what the scale has to serve, in which weights kept apart count as 0.
    `reach` is the least and the greatest of these weights, stored or not, and of the grid near them; `half_step` half
    of an even grid's step. What the format does not have is None, `levels` are empty where there are too many.
    """

    index: int
    members: range
    levels: tuple[Level, ...]
    used: frozenset[int]
    wasted: int
    scale: float | None
    zero_point: float | None
    minimum: float | None
    half_step: float | None
    high: float
    rmse: float
    reach: tuple[float, float]


# What the lines of code need.
CODE_IMPORTS = "from math import *; from numpy import float16, float32, quantile; import qtui"


@dataclass(frozen=True)
class CodeLine:
    """A line of Python and the comment beside it, which has a place {} for each of `values`.

    It runs after CODE_IMPORTS and the lines before it, where `x` is the weight as a float64, `block` float64 (n,)
    what shares its scale, `row` its row, `weights` all rows, and `importance` that of the columns.
    """

    text: str
    comment: str = ""
    values: tuple[float, ...] = ()


@dataclass(frozen=True)
class Spot:
    """What one scheme does at the chosen weight.

    `nearest` is what the probe would be stored as, None where there is no grid; `nearest_error` its relative error.
    `unit` are the stored bytes of the block (or row) `unit_index` that holds the weight, `sources` those that its
    value depends on, and `code_byte` where its code is among them.
    """

    group: WeightGroup
    nearest: Level | None
    nearest_error: float | None
    unit_index: int
    unit: bytes
    sources: frozenset[int]
    code_byte: int
    code: tuple[CodeLine, ...]


@dataclass(frozen=True)
class Staircase:
    """What comes out for evenly spaced inputs, and how far off that is; NaN where there is no grid.

    `largest` is the largest error, None where there is no grid.
    """

    inputs: tuple[float, ...]
    outputs: tuple[float, ...]
    errors: tuple[float, ...]
    largest: float | None


@dataclass(frozen=True)
class Sampling:
    """How many columns pictures have: of a staircase, of the histogram, of the strips over all weights."""

    stairs: int
    histogram: int
    strips: int


@dataclass(frozen=True)
class Strips:
    """All weights cut into as many pieces as a strip has columns; the largest figure of each piece.

    Piece i starts at weight `starts[i]`; `here` is the piece of the weight that is looked at. `scales` and `errors`
    have one strip for each scheme.
    """

    starts: tuple[int, ...]
    here: int
    weights: tuple[float, ...]
    scales: tuple[tuple[float, ...], ...]
    errors: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class SampledWeights:
    """What pictures show of many weights in few columns.

    `histogram` counts the weights in equal bins over the Result's `reach`.
    """

    stairs: tuple[Staircase, ...]
    histogram: tuple[int, ...]
    strips: Strips


@dataclass(frozen=True)
class Headline:
    """The error that matters most, a share for each scheme, and the scheme with the least (None where two have it).

    `measure` is "mean" (of the relative errors) for a list short enough to read, else "rms" (of the errors, as a
    share of the numbers' RMS), since in many weights those next to 0 would outweigh all others.
    """

    measure: str
    shares: tuple[float, ...]
    best: int | None


@dataclass(frozen=True)
class NodeEdges:
    """Node `position` of `layer`: its value, and the weights of the edges that enter and leave it."""

    layer: int
    position: int
    value: float
    entering: tuple[float, ...]
    leaving: tuple[float, ...]


@dataclass(frozen=True)
class GrownNetwork:
    """A network grown on paper: its bytes in bfloat16 and in each scheme, None where a row fills no block."""

    width: int
    hidden: int
    parameters: int
    bfloat16_bytes: int
    scheme_bytes: tuple[int | None, ...]


@dataclass(frozen=True)
class QuantizerResult:
    """What the pane and the command line show. `rescue` ... `nodes`: there when their view is asked for.

    `at`, `node` and `step` are the Scenario's, moved to the nearest weight, node or step that there is. `spots` has
    one for each scheme, `best` the best scheme in each column of the scoreboard (None where two are). Number lines
    go from one end of `reach` to the other. `sampled` is there after `sampling.with_samples`.
    """

    scenario: QuantizerScenario
    title: str
    count: int
    rows: int
    columns: int
    schemes: tuple[Scheme, ...]
    best: tuple[int | None, ...]
    headline: Headline
    spots: tuple[Spot, ...]
    reach: tuple[float, float]
    grown: tuple[GrownNetwork, ...]
    notes: tuple[str, ...] = ()
    tensors: tuple[str, ...] = ()
    at: int = 0
    node: int = 0
    step: int = 0
    rescue: Rescue | None = None
    sweep: tuple[Sweep, ...] = ()
    smart: Smart | None = None
    drift: Drift | None = None
    nodes: tuple[NodeEdges, ...] = ()  # the node in the exact network, then in that of each scheme
    sampled: SampledWeights | None = None
