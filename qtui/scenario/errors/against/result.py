"""What a file lost against its original: one row a pair of tensors, and all of them together."""

from __future__ import annotations

from dataclasses import dataclass

from qtui.compute.errors.survey import Measure, Total
from qtui.scenario.errors.scenario import ErrorsScenario


@dataclass(frozen=True)
class ComparedPair:
    """A tensor of the file and the same one of the reference, of `count` weights, `measured` of them compared.

    `measure.format` is how the file stores it. `turned` says that rows were brought into the other file's order;
    `counted` that llama-quantize would quantize it, so that it is part of the total.
    """

    name: str
    reference_name: str
    shape: tuple[int, ...]
    reference_format: str
    count: int
    measured: int
    turned: bool
    counted: bool
    measure: Measure

    @property
    def sampled(self) -> bool:
        """Whether only a part of the weights was compared."""
        return self.measured < self.count


@dataclass(frozen=True)
class UnmatchedTensor:
    """A tensor that was not compared, of the file or of the reference, and why."""

    name: str
    in_reference: bool
    why: str


@dataclass(frozen=True)
class AgainstResult:
    """`total` is that of the pairs that count, `worst` those that lost most, worst first.

    Of all pairs, `measured` of `count` weights were compared, and the rows of `turned` were brought into one order.
    `title` and `reference_title` name the files and what made them.
    """

    scenario: ErrorsScenario
    title: str
    reference_title: str
    pairs: tuple[ComparedPair, ...]
    unmatched: tuple[UnmatchedTensor, ...]
    total: Total
    worst: tuple[ComparedPair, ...]
    measured: int
    count: int
    turned: int
