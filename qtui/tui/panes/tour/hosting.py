"""The pane in the tour's middle: a real one, as new in every step, so that none begins with another's marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from textual.containers import Container

from qtui.scenario.base import Scenario
from qtui.scenario.tour.lesson import TourStep
from qtui.scenario.tour.result import TourResult
from qtui.scenario.tour.scenario import TourScenario
from qtui.tui.pane import Pane
from qtui.tui.panes.registry import pane_class
from qtui.tui.panes.tour.player import TourPlayer
from qtui.tui.widgets.view import Draw, PictureView

S = TypeVar("S", bound=Scenario)
R = TypeVar("R")


class Hosting:
    """Makes, mounts and shows the pane that `host` has in its middle, in the container `#tour-stage`."""

    def __init__(self, host: Pane[Any, Any], below: Draw) -> None:
        self._host = host
        self._below = below  # draws what stands under a picture that leaves rows
        self._panes: dict[str, Pane[Any, Any]] = {}  # by step: the one on show, and one that is solving for the next
        self.standing: Pane[Any, Any] | None = None  # the one that is mounted, with all that is in it
        self._step = ""  # that it has been in, "" where it is to be as new

    def pane_for(self, step: TourStep, inner: Scenario) -> Pane[Any, Any]:
        """The pane of `step`, which shows `inner`; it can solve, and may not be mounted yet."""
        pane = self._panes.get(step.id)
        if pane is None:
            kind, old = pane_class(inner.command), self.standing
            pane = old if kind.RENEWS and isinstance(old, kind) else kind(inner)
            self._panes[step.id] = pane
            pane.hosted_by = self._host
        return pane

    def begin(self, step: TourStep) -> None:
        """Forget the step's pane: its next one is new, or is renewed."""
        self._panes.pop(step.id, None)
        self._step = ""

    def show(self, result: TourResult, hidden: bool, when_new: Callable[[], None]) -> None:
        """Show the step's pane, unless it is `hidden` still; `when_new` is called once it had to be mounted first."""
        pane = self.pane_for(result.step, result.inner)
        self._host.query_one("#tour-stage").display = not hidden  # the question stands below the text
        if pane is self.standing:
            if self._step != result.step.id:
                self._step = result.step.id
                pane.renew()
            self._put(pane, result, hidden)
        else:
            self._host.app.call_next(self._mount, pane, result, hidden, when_new)

    async def _mount(
        self, pane: Pane[Any, Any], result: TourResult, hidden: bool, when_new: Callable[[], None]
    ) -> None:
        if self._panes.get(result.step.id) is not pane or self._host.scenario != result.scenario:
            return  # another step, or a new beginning, has come before it
        if pane is not self.standing:
            stage = self._host.query_one("#tour-stage", Container)
            old, self.standing = self.standing, None
            self._panes = {name: other for name, other in self._panes.items() if other is not old}
            await stage.remove_children()
            await stage.mount(pane)
            self.standing, self._step = pane, result.step.id
        self._put(pane, result, hidden)
        when_new()

    def _put(self, pane: Pane[Any, Any], result: TourResult, hidden: bool) -> None:
        for view in pane.query(PictureView):
            if view.can_focus:
                view.below = self._below
        pane.display = not hidden
        pane.scenario = result.inner
        pane.show(result.inner, result.shown)
        pane.compact(result.step.controls)


class HostingPane(Pane[S, R]):
    """A pane with another one in its middle, whose cursor is its own."""

    _hosting: Hosting
    player: TourPlayer | None

    @property
    def worked_on(self) -> Pane[Any, Any]:
        """The pane in the middle."""
        return self._hosting.standing or self

    def is_untouched(self, scenario: S) -> bool:
        """Whether nothing of the step was done or answered before."""
        known = isinstance(scenario, TourScenario) and self.player is not None and self.player.knows(scenario)
        return not known

    def focus_picture(self) -> None:
        """Give it the keyboard."""
        if self._hosting.standing is not None:
            self._hosting.standing.focus_first()

    @property
    def cursor(self) -> tuple[int, ...]:
        """That of the pane in the middle."""
        return self._hosting.standing.cursor if self._hosting.standing is not None else ()

    async def action_leave(self) -> None:
        """Leave the app."""
        await self.app.run_action("app.quit")

    def put_cursor(self, cursor: tuple[int, ...]) -> None:
        """Move that of the pane in the middle."""
        if self._hosting.standing is not None:
            self._hosting.standing.put_cursor(cursor)
