"""Panes that can be slow, stuck, frozen or broken on demand: the ones `stub.py` shows."""

from __future__ import annotations

import time

from textual.app import ComposeResult

from qtui.draw.picture import Picture, line
from qtui.scenario.progress import Progress
from qtui.tui.pane import Pane
from qtui.tui.widgets.entry import Entry
from qtui.tui.widgets.fields import Choice, FieldChanged
from qtui.tui.widgets.view import PictureView
from tests.support.stub_scenarios import KINDS, OtherScenario, StubScenario


class StubPane(Pane[StubScenario, str]):
    SCENARIO = StubScenario
    title = "Stub"

    def compose(self) -> ComposeResult:
        yield Choice("kind", "kind", KINDS)
        yield Entry("text", "text", self.scenario.text)
        yield PictureView(id="out")

    def on_field_changed(self, event: FieldChanged) -> None:
        self.change(**{event.name: event.value}, live=event.live)

    def quick(self, scenario: StubScenario) -> bool:
        return scenario.kind not in ("slow", "stuck", "spin", "crash-worker")

    def solve(self, scenario: StubScenario, progress: Progress) -> str:
        if scenario.kind.startswith("crash"):
            raise ZeroDivisionError("one over nothing")
        while scenario.kind == "slow":
            progress.tick(1, 2, "reading")
            time.sleep(0.02)
        while scenario.kind == "spin":  # busy in Python, deaf to cancelling
            sum(range(10_000))
        if scenario.kind in ("stuck", "frozen"):
            self.app.call_later(lambda: None)
            time.sleep(3600)
        return scenario.text

    def show(self, scenario: StubScenario, result: str) -> None:
        self.query_one(Choice).value = scenario.kind
        self.query_one(Entry).fill(scenario.text)
        self.query_one(PictureView).set_draw(lambda w, h: self._picture(result, w, h))

    def _picture(self, result: str, width: int, height: int) -> Picture:
        return (line(f"result {result}"), line(f"{width}x{height}"), line(("good", "good"), " ", ("bad", "bad")))


class OtherPane(StubPane):
    SCENARIO = OtherScenario
    title = "Other"
