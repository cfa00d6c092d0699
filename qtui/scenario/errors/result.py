"""What the Errors pane shows: plain values and arrays, worked out in full, so that a view only reads them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtui.compute.errors.blocks import Block
from qtui.compute.errors.keys import Histogram
from qtui.compute.errors.overlay import FineBins, Overlay
from qtui.compute.errors.survey import Measure, Total
from qtui.compute.errors.values import ValueStats
from qtui.compute.formats import Format
from qtui.models.files.model_file import Tensor
from qtui.scenario.errors.scenario import ErrorsScenario

if TYPE_CHECKING:  # the readers of files
    from qtui.scenario.errors.file import OpenedFile


@dataclass(frozen=True)
class TensorErrors:
    """One tensor and what was measured of it: `measured` of its weights, one Measure a format.

    `note` says why nothing was (it holds integers, or can't be decoded). `quantized` names the block format that the
    weights are stored in already: errors then are relative to what is there, not to the original weights. Rows that
    are `counted` enter the totals: the matrices that llama-quantize would quantize.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    count: int
    measured: int
    measures: tuple[Measure, ...]
    quantized: str = ""
    note: str = ""
    counted: bool = True

    @property
    def sampled(self) -> bool:
        """Whether some weights were left out."""
        return self.measured < self.count and bool(self.measures)


@dataclass(frozen=True)
class SamplingError:
    """Three standard errors of a sample's mean error and RMSE, in the unit of the weights, and of its SQNR in dB."""

    bias: float
    rmse: float
    decibels: float


@dataclass(frozen=True)
class FormatErrors:
    """One format on all counted rows together.

    `figures` are those of all their weights: where a sample was measured, its sums are scaled up to each tensor's
    size, while extremes are the sample's. `total` has the cost, and the mean noise over weights, from which `sqnr_db`
    and `relative_rmse` follow. `within`: how far figures of a sample may be from those of all weights; None where all
    were measured. `clipped` is a share, NaN for formats without blocks. `note` says what a reader should know of the
    figures. `blocks` of `block_size` weights are the worst, the worst first, of one tensor or drawn numbers; `worst`
    are the tensors with the lowest SQNR in dB.
    """

    figures: Measure
    total: Total
    sqnr_db: float
    relative_rmse: float
    sampled: bool = False
    within: SamplingError | None = None
    clipped: float = math.nan
    note: str = ""
    block_size: int = 0
    blocks: tuple[Block, ...] = ()
    worst: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Comparison:
    """The formats against each other: where in `totals` those stand that lose `least` and `most`.

    `reach` is how many times as far from zero 99 % of the errors of `most` go as those of `least`; NaN where one of
    them loses nothing, or there is one format only.
    """

    least: int
    most: int
    reach: float = math.nan


@dataclass(frozen=True)
class SurveyRow:
    """One row of a survey: `tensors` of the file with `weights` altogether, and their Total in each format.

    `counted` rows are those that the mean is of; the others stand apart, below them.
    """

    label: str
    tensors: tuple[str, ...]
    weights: int
    totals: tuple[Total, ...]
    note: str = ""
    counted: bool = True


@dataclass(frozen=True)
class RoleMap:
    """SQNR in dB by role (rows) and layer (columns), one format.

    NaN where there is no such tensor, minus infinity where some of its weights are not finite, before or after.
    """

    roles: tuple[str, ...]
    layers: tuple[int, ...]
    decibels: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class TensorValues:
    """The weights themselves of one tensor or of drawn numbers: figures, bins for a plot, and a short histogram."""

    stats: ValueStats
    bins: FineBins
    histogram: Histogram


@dataclass(frozen=True)
class ErrorsResult:
    """Errors of `formats` on `rows`, of which `measured` of `count` weights were measured.

    `totals` are all counted rows together, format by format, and `overlay` their histograms, None where there are
    none; `left_out` are the names of measured rows that are not counted. `survey` are the rows grouped and in order,
    `mean` the counted ones together, `maps` one for each format. `in_part` says that some weights were left out of
    anything that is shown, be it errors or the weights themselves. `comparison` is None where no format can store the
    data; `expected` is how many tensors there will be once everything is measured. `quantized` names the block
    formats in which some rows are stored already.
    """

    scenario: ErrorsScenario
    title: str
    kind: str
    formats: tuple[Format, ...]
    rows: tuple[TensorErrors, ...]
    totals: tuple[FormatErrors, ...]
    left_out: tuple[str, ...]
    overlay: Overlay | None
    survey: tuple[SurveyRow, ...]
    mean: SurveyRow
    maps: tuple[RoleMap, ...]
    measured: int
    count: int
    sampled: bool
    in_part: bool
    quantized: tuple[str, ...]
    expected: int
    comparison: Comparison | None = None
    file: OpenedFile | None = None
    tensor: Tensor | None = None
    values: TensorValues | None = None
