"""The panes in the tour's middle: real ones, made on their first use, one of them on show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.containers import Container

from qtui.scenario.base import Scenario
from qtui.scenario.tour.result import TourResult
from qtui.tui.pane import Pane
from qtui.tui.panes.registry import pane_class


class Hosting:
    """Makes, mounts and shows the panes that `host` has in its middle, in the container `#tour-stage`."""

    def __init__(self, host: Pane[Any, Any]) -> None:
        self._host = host
        self._panes: dict[str, Pane[Any, Any]] = {}
        self._standing: set[Pane[Any, Any]] = set()  # those that are mounted, with all that is in them

    def pane_for(self, inner: Scenario) -> Pane[Any, Any]:
        """The pane that shows `inner`; it can solve, and may not be mounted yet."""
        pane = self._panes.get(inner.command)
        if pane is None:
            pane = self._panes[inner.command] = pane_class(inner.command)(inner)
            pane.hosted_by = self._host
        return pane

    def standing(self, inner: Scenario) -> Pane[Any, Any] | None:
        """The pane that shows `inner`, None until it is mounted."""
        pane = self.pane_for(inner)
        return pane if pane in self._standing else None

    def show(self, result: TourResult, hidden: bool, when_new: Callable[[], None]) -> None:
        """Show the step's pane, unless it is `hidden` still; `when_new` is called once it had to be mounted first."""
        pane = self.pane_for(result.inner)
        if pane in self._standing:
            self._show(pane, result, hidden)
        else:
            self._host.app.call_next(self._mount, pane, result, hidden, when_new)

    async def _mount(
        self, pane: Pane[Any, Any], result: TourResult, hidden: bool, when_new: Callable[[], None]
    ) -> None:
        if not pane.is_attached:
            await self._host.query_one("#tour-stage", Container).mount(pane)
            self._standing.add(pane)
        if pane in self._standing and self._host.scenario == result.scenario:
            self._show(pane, result, hidden)
            when_new()

    def _show(self, pane: Pane[Any, Any], result: TourResult, hidden: bool) -> None:
        for other in self._panes.values():
            other.display = other is pane and not hidden
        pane.scenario = result.inner
        pane.show(result.inner, result.shown)
        pane.compact(result.step.controls)
