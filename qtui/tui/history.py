"""Undo and redo: a bounded list of Scenarios, across all panes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qtui.scenario.base import Scenario

LIMIT = 200
Step = tuple[tuple[Scenario, ...], tuple[Scenario, ...]]  # before and after


class History:
    """For each step, the Scenarios that panes had before and after it; as a rule that is one pane."""

    def __init__(self, present: Mapping[str, Scenario]) -> None:
        self._present = dict(present)
        self._past: list[Step] = []
        self._future: list[Step] = []
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
        if live and self._live and last is not None and last[1] == (before,):
            self._past[-1] = (last[0], (scenario,))
        else:
            self._note(((before,), (scenario,)))
        self._live = live
        self._future.clear()

    def push_together(self, scenarios: Sequence[Scenario]) -> None:
        """Record as one step that several panes changed; the last of them is the one on show."""
        known = [scenario for scenario in scenarios if scenario.command in self._present]
        before = tuple(self._present[scenario.command] for scenario in known)
        if before != tuple(known):
            self._note((before, tuple(known)))
            self._future.clear()
        self._live = False
        self._present |= {scenario.command: scenario for scenario in scenarios}

    def _note(self, step: Step) -> None:
        self._past.append(step)
        del self._past[:-LIMIT]

    def undo(self) -> tuple[Scenario, ...]:
        """Step back and return the Scenarios to go back to, the one to show last; none at the beginning."""
        if not self._past:
            return ()
        self._future.append(self._past.pop())
        return self._arrive(self._future[-1][0])

    def redo(self) -> tuple[Scenario, ...]:
        """Step forward again and return the Scenarios to go to, the one to show last; none at the end."""
        if not self._future:
            return ()
        self._past.append(self._future.pop())
        return self._arrive(self._past[-1][1])

    def _arrive(self, scenarios: tuple[Scenario, ...]) -> tuple[Scenario, ...]:
        self._live = False
        self._present |= {scenario.command: scenario for scenario in scenarios}
        return scenarios
