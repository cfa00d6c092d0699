"""A format for each tensor of a model file: the least error that fits a size, in words for llama-quantize."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtui.scenario.base import Scenario, UserError, argument, option
from qtui.scenario.progress import Progress

if TYPE_CHECKING:
    from qtui.compute.plan import Allocation
    from qtui.models.files.model_file import ModelFile
    from qtui.scenario.plan.measure import Measured, Part

# Types that ggml can write without an importance matrix, from two bits up.
CANDIDATES = ("Q2_K", "Q3_K", "IQ4_XS", "Q4_K", "Q5_K", "Q6_K", "Q8_0", "Q4_0", "IQ4_NL", "Q5_0", "Q5_1")
# Types that llama-quantize gives no matrix of a layer without one (`tensor_requires_imatrix` in llama-quant.cpp).
WEIGHED_ONLY = frozenset(("IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS"))
SAMPLE = 1 << 16
DEFAULT_MIX = "Q4_K_M"


@dataclass(frozen=True, repr=False, eq=False)
class PlanScenario(Scenario):
    """The file, the room there is, and what is decided beforehand."""

    command = "plan"
    path: str = argument("", "a model file or directory, best in 16 or 32 bits", metavar="FILE")
    size: str = option("", "bytes for the weights, such as 6GiB or 5.5GB; else that of --fit, else of Q4_K_M")
    fit: str = option("", "fit this machine with this much context, such as 32k", metavar="CTX")
    imatrix: str = option("", "an importance matrix of llama-imatrix, to weigh errors and to quantize with")
    format: tuple[str, ...] = option(
        (), "a type to choose from; give it once for each", "--format", "-f", metavar="TYPE", many=True
    )
    set: tuple[str, ...] = option(
        (),
        "decide by hand: a name, a role or words of a name, and a type, such as ffn_down=Q6_K",
        metavar="NAME=TYPE",
        many=True,
    )
    exact: bool = option(False, "measure every weight, not a sample of each tensor")
    sample: int = option(SAMPLE, "measure about this many weights of each tensor")


@dataclass(frozen=True)
class Mix:
    """One of llama.cpp's named mixes on this file."""

    name: str
    nbytes: int
    loss: float


@dataclass(frozen=True)
class PlanResult:
    """`parts` with the options of `allocation`, in the same order; sizes in bytes, losses as in `Measured`.

    `nbytes` counts `kept` bytes too: tensors that llama.cpp does not quantize. `reason` says where the budget is
    from.
    """

    scenario: PlanScenario
    measured: Measured
    parts: tuple[Part, ...]
    allocation: Allocation
    budget: int
    reason: str
    kept: int
    frontier: tuple[tuple[int, float], ...]
    mixes: tuple[Mix, ...]

    @property
    def model(self) -> ModelFile:
        """The file."""
        return self.measured.model

    @property
    def nbytes(self) -> int:
        """Bytes of all tensors under the plan."""
        return self.allocation.nbytes + self.kept

    @property
    def weights(self) -> int:
        """Weights that the plan stores, kept tensors included."""
        return self.model.parameters

    @property
    def sqnr_db(self) -> float:
        """Mean noise below the signal, in dB."""
        return self.decibels(self.allocation.loss)

    def decibels(self, loss: float) -> float:
        """A loss as mean SQNR in dB."""
        from qtui.compute.errors.moments import decibels

        return decibels(float(self.measured.planned_weights), loss)


def solve(
    scenario: PlanScenario, progress: Progress | None = None, *, measured: Measured | None = None
) -> PlanResult:
    """The plan. `measured` is what was measured before for the same file, importance and sample.

    Raises UserError or ModelFileError with what is wrong and what to do.
    """
    from qtui.scenario.plan.decide import decide
    from qtui.scenario.plan.measure import measure_file

    if not scenario.path:
        raise UserError("plan needs a model file; try `qtui plan model.gguf --size 6GiB`")
    if scenario.sample < 1:
        raise UserError(f"--sample takes a number of weights from 1 up, not {scenario.sample}")
    if measured is None:
        measured = measure_file(scenario, progress or Progress())
    return decide(scenario, measured)


def plan_formats(scenario: PlanScenario) -> tuple[str, ...]:
    """The types to choose from. Raises UserError for what llama-quantize could not write."""
    from qtui.compute.formats import get_format

    found = []
    for text in scenario.format or CANDIDATES:
        for spec in text.replace(",", " ").split():
            fmt = get_format(spec)
            if fmt.family != "ggml" or not fmt.can_encode:
                raise UserError(f"a plan is made of ggml types that can be written here, not {spec}")
            if fmt.name in WEIGHED_ONLY and not scenario.imatrix:
                raise UserError(f"llama-quantize writes {fmt.name} only with an importance matrix: add --imatrix")
            found.append(fmt.name)
    if not found:
        raise UserError("name at least one type to choose from, such as Q4_K")
    return tuple(dict.fromkeys(found))
