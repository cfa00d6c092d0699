"""The tour's Scenario: which lesson, which step of it, and what its pane shows by now."""

from __future__ import annotations

from dataclasses import dataclass

from qtui.scenario.base import Scenario, option, whole


@dataclass(frozen=True)
class TourScenario(Scenario):
    """A step of a lesson. `state` is the command line of what its pane shows, where that is not the step's own."""

    command = "tour"

    lesson: str = option("", "a lesson of your own, or one in the package: floats, quant", metavar="FILE")
    step: int = option(0, "the step to open, counted from 1; else where it was left", metavar="N", type=whole)
    chapter: int = option(0, "open the first step of this chapter", metavar="N", type=whole)
    state: str = option("", "what the step's pane shows, as a command line", metavar="COMMAND")
    present: bool = option(False, "for a class: large headings, one sentence, a clock")
