"""What formats cost in error: on seeded numbers, on one tensor, or on every tensor of a model file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtui.compute.distributions import NAMES
from qtui.compute.formats import Format, get_format
from qtui.scenario.base import Scenario, UserError, argument, option
from qtui.scenario.progress import Progress

if TYPE_CHECKING:
    from qtui.compute.errors.meter import Found
    from qtui.compute.errors.survey import Measure
    from qtui.compute.errors.values import ValueStats
    from qtui.models.files.model_file import ModelFile, Tensor

DEFAULT_FORMATS = ("Q4_0", "Q4_K", "Q8_0")
VIEWS = ("errors", "browse", "survey")
SAMPLE = 1 << 16  # weights of each tensor that the app looks at first
# Weights times formats that are measured in full when nothing else is asked: of one tensor, for an answer in well
# under a second; of a file, in some seconds.
ONE_EXACT_UP_TO = 1 << 23
EXACT_UP_TO = 1 << 28
# Else so many weights of all tensors together are, but of each within these bounds.
ALL_SAMPLED = 1 << 24
SAMPLED_OF_EACH = (1 << 14, 1 << 18)
ORDERS = ("file", "name", "size")
GROUPS = ("tensor", "layer", "role")
LAYOUTS = ("overlaid", "stacked")
COLUMNS = 4096  # of a distribution's rows


@dataclass(frozen=True, repr=False, eq=False)
class ErrorsScenario(Scenario):
    """The data, the formats, how much of the data is measured, and how the errors are shown."""

    command = "errors"
    path: str = argument("", "a model file or directory; without one, seeded numbers (--data)", metavar="FILE")
    format: tuple[str, ...] = option(
        DEFAULT_FORMATS, "a format to measure; give it once for each", "--format", "-f", metavar="FORMAT", many=True
    )
    tensor: str = option("", "one tensor of the file by name, or those whose names match words", metavar="NAME")
    data: str = option("normal", "distribution of the numbers where no file is given", choices=NAMES)
    count: int = option(65536, "how many numbers to draw")
    seed: int = option(0, "seed of the draw")
    spread: float = option(0.02, "standard deviation of the draw")
    strength: float = option(50.0, "size of outliers, in multiples of the spread")
    exact: bool = option(False, "measure every weight, however long that takes")
    sample: int = option(0, "measure about this many weights of each tensor; 0 decides by their number")
    view: str = option("errors", "what to show first in the app, and what to print", choices=VIEWS)
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
class ErrorsResult:
    """Errors of `formats` on `rows`; `whole` has the full statistics of all rows together, format by format."""

    scenario: ErrorsScenario
    title: str
    kind: str
    formats: tuple[Format, ...]
    rows: tuple[TensorErrors, ...]
    whole: tuple[Found, ...]
    model: ModelFile | None = None
    tensor: Tensor | None = None
    values: ValueStats | None = None

    @property
    def sampled(self) -> bool:
        """Whether some weights were left out."""
        return any(row.sampled for row in self.rows)

    @property
    def in_part(self) -> bool:
        """Whether some weights were left out of anything that is shown, be it errors or the weights themselves."""
        looked_at = self.values.count + self.values.bad if self.values is not None else 0
        return self.sampled or (self.tensor is not None and 0 < looked_at < self.tensor.count)

    @property
    def measured(self) -> int:
        """Weights measured, of all rows."""
        return sum(row.measured for row in self.rows)

    @property
    def count(self) -> int:
        """Weights of the rows that could be measured."""
        return sum(row.count for row in self.rows if row.measures)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Bytes of all tensors that each format can store."""
        rows = [row.measures for row in self.rows if row.measures]
        return tuple(sum(m[i].nbytes for m in rows if not m[i].problem) for i in range(len(self.whole)))

    @property
    def bits(self) -> tuple[float, ...]:
        """Bits per weight of each format over the tensors that it can store; NaN where there is none."""
        rows = [row for row in self.rows if row.measures]
        weights = [sum(row.count for row in rows if not row.measures[i].problem) for i in range(len(self.whole))]
        return tuple(8 * size / n if n else float("nan") for size, n in zip(self.sizes, weights, strict=True))

    @property
    def gaps(self) -> dict[str, str]:
        """What is missing from the figures of formats that can't store every tensor."""
        found = {}
        rows = [row.measures for row in self.rows if row.measures]
        for index, fmt in enumerate(self.formats):
            problems = [m[index].problem for m in rows if m[index].problem]
            if problems and len(problems) < len(rows):
                found[fmt.name] = f"only {len(rows) - len(problems)} of {len(rows)} tensors; elsewhere {problems[0]}"
        return found

    @property
    def quantized(self) -> tuple[str, ...]:
        """Block formats in which some rows are stored already."""
        return tuple(dict.fromkeys(row.quantized for row in self.rows if row.quantized))


def formats_of(specs: tuple[str, ...]) -> tuple[Format, ...]:
    """The formats that `specs` name, each once; a text may hold several, with spaces or commas between.

    Raises UserError for a name that is unknown, a format that can only be decoded, or none at all.
    """
    found: dict[str, Format] = {}
    for text in specs:
        for spec in text.split():
            for fmt in _named(spec):
                if not fmt.can_encode:
                    raise UserError(f"{fmt.name} can be read but not written here; see `qtui formats` for the others")
                found.setdefault(fmt.name, fmt)
    if not found:
        raise UserError("name at least one format, such as Q4_K; `qtui formats` lists them")
    return tuple(found.values())


def _named(spec: str) -> list[Format]:
    try:
        return [get_format(spec)]
    except ValueError:
        pieces = [piece for piece in spec.split(",") if piece]
        if len(pieces) < 2:
            raise
        return [get_format(piece) for piece in pieces]


def solve(
    scenario: ErrorsScenario,
    progress: Progress | None = None,
    *,
    opened: ModelFile | None = None,
    on_row: Callable[[TensorErrors], None] | None = None,
) -> ErrorsResult:
    """The errors of the scenario's formats on its data.

    `opened` is the model at the scenario's path where it has been opened before; `on_row` is told each tensor as it
    is measured. Raises UserError or ModelFileError with what is wrong and what to do.
    """
    progress = progress or Progress()
    formats = formats_of(scenario.format)
    order = scenario.sort.removeprefix("-")
    known = (*ORDERS, *(fmt.name for fmt in formats))
    if order.lower() not in (name.lower() for name in known):
        raise UserError(f"--sort takes {', '.join(known)}, or one of them after a minus, not {scenario.sort!r}")
    if scenario.sample < 0:
        raise UserError(f"--sample takes a number of weights, not {scenario.sample}")
    if scenario.path:
        from qtui.scenario.errors.file import solve_file

        return solve_file(scenario, formats, progress, opened, on_row)
    from qtui.scenario.errors.drawn import solve_draw

    return solve_draw(scenario, formats, progress)
