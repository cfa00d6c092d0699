"""What a plan needs to know of a file, and the plan: plain values, complete."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from qtui.compute.plan import Option
from qtui.models.files.model_file import ModelFile
from qtui.scenario.plan.scenario import PlanScenario


@dataclass(frozen=True)
class Part:
    """One tensor of the GGUF file to be: several of the source where they are stored apart there (experts).

    `nbytes` by type; `loss` of a type is Σ weights · Σe²/Σx² over the sources, for types that destroy no weight. A
    part that is not `valid` holds what is not finite, whichever type it is stored in. `stored` is the block type that
    it is stored in already, which llama-quantize copies as it is.
    """

    name: str
    layer: int | None
    sources: tuple[str, ...]
    shape: tuple[int, ...]
    weights: int
    nbytes: Mapping[str, int]
    loss: Mapping[str, float]
    valid: bool = True
    stored: str = ""


@dataclass(frozen=True)
class PlanMeasurement:
    """A model file, its parts that can be quantized, and the names and bytes of those that stay as they are.

    `planned_weights` are those of valid parts. `quantized` are block types that parts are stored in already,
    `weighed` counts parts with a known importance; `warnings` are sentences about parts that llama-quantize would
    refuse.
    """

    model: ModelFile
    parts: tuple[Part, ...]
    kept: tuple[tuple[str, int], ...]
    planned_weights: int
    sampled: bool
    quantized: tuple[str, ...]
    weighed: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Mix:
    """One of llama.cpp's named mixes on this file; `best_db` is the SQNR of the best plan of its size."""

    name: str
    nbytes: int
    loss: float
    sqnr_db: float
    best_db: float = math.nan
    fits: bool = False


@dataclass(frozen=True)
class PlanRow:
    """A part, or all parts of one role: `key` is what a decision by hand names it by, and `by_hand` that one does.

    `types` are those of its parts, how many of each, the most frequent first; `able` those that it could be given,
    the smallest first.
    """

    key: str
    nbytes: int
    sqnr_db: float
    types: tuple[tuple[str, int], ...]
    able: tuple[str, ...]
    by_hand: bool


@dataclass(frozen=True)
class PlanResult:
    """A type for each of `parts`: `chosen`, in the same order.

    Sizes are in bytes and count the `kept_bytes` of `kept` tensors that llama.cpp does not quantize; `reason` says
    where the `budget` is from. `noise` is the mean of Σe²/Σx² over weights, `gap` how much more of it there is than
    the least possible at most, as a share; of the expected KL, where the model's sensitivity weighs it. `frontier`
    has (bytes, dB) from the smallest to the best; `best_mix` is the best of `mixes` that fits the budget, `gain` how
    many dB the plan is better.
    """

    scenario: PlanScenario
    model: ModelFile
    parts: tuple[Part, ...]
    chosen: tuple[Option, ...]
    budget: int
    reason: str
    kept: int
    kept_bytes: int
    nbytes: int
    bits_per_weight: float
    sqnr_db: float
    noise: float
    gap: float
    frontier: tuple[tuple[int, float], ...]
    mixes: tuple[Mix, ...]
    best_mix: Mix | None
    gain: float
    tensors: tuple[PlanRow, ...]
    roles: tuple[PlanRow, ...]
    sampled: bool
    quantized: tuple[str, ...]
    weighed: int
    warnings: tuple[str, ...]
