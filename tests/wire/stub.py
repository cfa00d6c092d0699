"""A program for the tests: qtui's shell around two panes that can be slow, stuck, frozen or broken on demand.

python tests/wire/stub.py [KIND] [OPTIONS OF qtui]
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from textual.app import ComposeResult

import qtui.tui.panes
from qtui.cli.launch import run_app
from qtui.draw.picture import Picture, line
from qtui.scenario.base import Scenario, argument, option
from qtui.scenario.progress import Progress
from qtui.tui.pane import Pane
from qtui.tui.widgets.fields import Choice, Entry, FieldChanged
from qtui.tui.widgets.view import PictureView

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


class StubPane(Pane):
    SCENARIO = StubScenario
    title = "Stub"
    HINTS = (("x", "nothing"),)

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
        self.query_one(Entry).value = scenario.text
        self.query_one(PictureView).set_draw(lambda w, h: self._picture(result, w, h))

    def _picture(self, result: str, width: int, height: int) -> Picture:
        return (line(f"result {result}"), line(f"{width}x{height}"), line(("good", "good"), " ", ("bad", "bad")))


class OtherPane(StubPane):
    SCENARIO = OtherScenario
    title = "Other"


def main() -> int:
    qtui.tui.panes.PANES.clear()
    qtui.tui.panes.PANES["mem"] = ("1", "Stub", "__main__:StubPane")
    qtui.tui.panes.PANES["bits"] = ("2", "Other", "__main__:OtherPane")
    args = sys.argv[1:]
    if args and args[0] in KINDS:
        from qtui.cli.launch import open_app

        return open_app(StubScenario(kind=args[0]))
    return run_app(args)


if __name__ == "__main__":
    sys.exit(main())
