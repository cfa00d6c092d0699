"""What the Errors pane has measured lately, and how rows of a survey reach its table while more are measured."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from qtui.scenario.errors.scenario import ErrorsResult, ErrorsScenario, TensorErrors

KEPT = 8  # results that are kept, so that turning a knob of the drawing measures nothing again
SHOW_EVERY = 0.25  # seconds between two additions to a survey on show


class Measured:
    """The last results, found again by what was measured."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], ErrorsResult] = {}

    def find(self, scenario: ErrorsScenario) -> ErrorsResult | None:
        """The result of `scenario`, where only its drawing differs from one that is known."""
        kept = self._kept.get(_measured_by(scenario))
        return None if kept is None else replace(kept, scenario=scenario)

    def keep(self, result: ErrorsResult) -> None:
        """Keep this one, and forget the oldest."""
        for old in list(self._kept)[:-KEPT]:
            del self._kept[old]
        self._kept[_measured_by(result.scenario)] = result

    def forget(self, path: str) -> None:
        """Forget what was measured of the file at `path`."""
        self._kept = {key: result for key, result in self._kept.items() if result.scenario.path != path}


def _measured_by(s: ErrorsScenario) -> tuple[object, ...]:
    """What of a scenario decides what is measured, the rest being how it is shown."""
    if s.path:
        return (s.view, s.path, s.tensor if s.view != "survey" else "", s.format, s.exact, s.sample)
    return (s.view, s.data, s.count, s.seed, s.spread, s.strength, s.format)


def in_handfuls(show: Callable[[list[TensorErrors]], None]) -> Callable[[TensorErrors], None]:
    """Takes rows one by one and shows several at a time: a screen can't show more, nor a wire carry it."""
    waiting: list[TensorErrors] = []
    last = time.monotonic()

    def take(found: TensorErrors) -> None:
        nonlocal last
        waiting.append(found)
        if time.monotonic() - last >= SHOW_EVERY:
            show(list(waiting))
            waiting.clear()
            last = time.monotonic()

    return take
