"""What the stub's panes can be asked to do. Apart from the panes, since nothing of Textual may be imported here."""

from __future__ import annotations

from dataclasses import dataclass

from qtui.scenario.base import Scenario, argument, option

KINDS = ("plain", "slow", "stuck", "spin", "frozen", "crash", "crash-worker")


@dataclass(frozen=True)
class StubScenario(Scenario):
    command = "mem"
    text: str = argument("hello", "a text")
    kind: str = option("plain", "how it behaves", choices=KINDS)
    number: int = option(3, "a number")


@dataclass(frozen=True)
class OtherScenario(StubScenario):
    command = "bits"
