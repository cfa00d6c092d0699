"""What the welcome shows: what fits this machine, a large model beside it, and model files that are here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from qtui.scenario.welcome.scenario import WelcomeScenario

if TYPE_CHECKING:  # the first frame comes before any of them is needed
    from qtui.models.machine.machine import Machine
    from qtui.scenario.memory.result import ModelHere
    from qtui.scenario.memory.scenario import MemoryScenario


class LargeSize(NamedTuple):
    """Bytes of the large model's weights in one format.

    `fits`: with 8k tokens of context and all that belongs to it; `split`: only with part of it in RAM beside the
    card.
    """

    format: str
    bits: float
    bytes: int
    fits: bool
    split: bool


class FileHere(NamedTuple):
    """A model file or folder on this machine; `place` says where it was: "this folder", "Ollama", ..."""

    name: str
    path: str
    bytes: int
    place: str


@dataclass(frozen=True)
class WelcomeResult:
    """What is known so far; `complete` says that nothing is to come.

    `room` are bytes that a model can have here, on the card where there is one. `large` is the model that the essay
    begins with, named `large_name`, in formats of fewer and fewer bits. `fit` is the largest model of the catalogue
    that runs well here and leaves some room; None until it is known, or where none does; `also` are the next that do.
    `memory` is what the door
    "Does it fit?" opens: that model with the large one beside it. The tour was left at step `tour_step` of
    `tour_steps`, 0 where it was never begun.
    """

    scenario: WelcomeScenario
    machine: Machine
    room: int
    large_name: str
    large_parameters: int
    large: tuple[LargeSize, ...]
    memory: MemoryScenario
    tour_step: int
    tour_steps: int
    files: tuple[FileHere, ...] = ()
    fit: ModelHere | None = None
    also: tuple[ModelHere, ...] = ()
    complete: bool = False

    @property
    def knows_fit(self) -> bool:
        """Whether it is known which model fits, or that none does."""
        return self.fit is not None or self.complete
