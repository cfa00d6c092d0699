"""Undo and redo: a bounded list of Scenarios, across all panes."""

from __future__ import annotations

from collections.abc import Mapping

from qtui.scenario.base import Scenario

LIMIT = 200


class History:
    """Remembers for each step which Scenario a pane left and which it took."""

    def __init__(self, present: Mapping[str, Scenario]) -> None:
        self._present = dict(present)
        self._past: list[tuple[Scenario, Scenario]] = []
        self._future: list[tuple[Scenario, Scenario]] = []
        self._live = False

    def __len__(self) -> int:
        """Steps that can be undone."""
        return len(self._past)

    @property
    def present(self) -> Mapping[str, Scenario]:
        """Each pane's Scenario by command name."""
        return self._present

    def push(self, scenario: Scenario, live: bool = False) -> None:
        """Record that the pane's Scenario is now `scenario`; live changes in a row count as one step."""
        before = self._present.get(scenario.command)
        self._present[scenario.command] = scenario
        if before is None or before == scenario:
            return
        last = self._past[-1] if self._past else None
        if live and self._live and last is not None and last[1] == before:
            self._past[-1] = (last[0], scenario)
        else:
            self._past.append((before, scenario))
            del self._past[:-LIMIT]
        self._live = live
        self._future.clear()

    def undo(self) -> Scenario | None:
        """Step back and return the Scenario to show, or None at the beginning."""
        if not self._past:
            return None
        before, after = self._past.pop()
        self._future.append((before, after))
        return self._arrive(before)

    def redo(self) -> Scenario | None:
        """Step forward again and return the Scenario to show, or None at the end."""
        if not self._future:
            return None
        before, after = self._future.pop()
        self._past.append((before, after))
        return self._arrive(after)

    def _arrive(self, scenario: Scenario) -> Scenario:
        self._live = False
        self._present[scenario.command] = scenario
        return scenario
