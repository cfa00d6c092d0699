"""What the Errors pane shows: plain values and arrays, worked out in full, so that a view only reads them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qtui.compute.errors.blocks import Block
from qtui.compute.errors.keys import Histogram
from qtui.compute.errors.overlay import FineBins, Overlay
from qtui.compute.errors.survey import Measure, Total
from qtui.compute.errors.values import ValueStats
from qtui.compute.formats import Format
from qtui.models.files.model_file import Tensor
from qtui.scenario.errors.file import OpenedFile
from qtui.scenario.errors.scenario import ErrorsScenario


@dataclass(frozen=True)
class TensorErrors:
    """One tensor and what was measured of it: `measured` of its weights, one Measure a format.

    `note` says why nothing was (it holds integers, or can't be decoded). `quantized` names the block format that the
    weights are stored in already: errors then are relative to what is there, not to the original weights.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    count: int
    measured: int
    measures: tuple[Measure, ...]
    quantized: str = ""
    note: str = ""

    @property
    def sampled(self) -> bool:
        """Whether some weights were left out."""
        return self.measured < self.count and bool(self.measures)


@dataclass(frozen=True)
class FormatErrors:
    """One format on all rows together.

    `figures` has the cost of the tensors that the format can store. `clipped` is a share, NaN for formats without
    blocks. `gap` says what is missing from the figures where the format can't store every tensor. `blocks` of
    `block_size` weights are the worst, the worst first, of one tensor or drawn numbers; `worst` are the tensors with
    the lowest SQNR in dB.
    """

    figures: Measure
    clipped: float = math.nan
    gap: str = ""
    block_size: int = 0
    blocks: tuple[Block, ...] = ()
    worst: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class SurveyRow:
    """One row of a survey: `tensors` of the file with `weights` altogether, and their Total in each format."""

    label: str
    tensors: tuple[str, ...]
    weights: int
    totals: tuple[Total, ...]
    sampled: bool
    note: str = ""


@dataclass(frozen=True)
class RoleMap:
    """SQNR in dB by role (rows) and layer (columns), one format; NaN where there is no such tensor."""

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

    `totals` are all rows together, format by format, and `overlay` their histograms, None where there are none.
    `survey` are the rows grouped and in order, `mean` all of them together, `maps` one for each format. `in_part`
    says that some weights were left out of anything that is shown, be it errors or the weights themselves;
    `expected` is how many tensors there will be once everything is measured. `quantized` names the block formats in
    which some rows are stored already.
    """

    scenario: ErrorsScenario
    title: str
    kind: str
    formats: tuple[Format, ...]
    rows: tuple[TensorErrors, ...]
    totals: tuple[FormatErrors, ...]
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
    file: OpenedFile | None = None
    tensor: Tensor | None = None
    values: TensorValues | None = None
