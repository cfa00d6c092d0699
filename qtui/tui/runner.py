"""Solves Scenarios for the panes: at once when that is quick, else in a worker thread that can be cancelled."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from textual.worker import Worker, get_current_worker

from qtui.scenario.base import Scenario, UserError
from qtui.scenario.progress import Cancelled, Progress
from qtui.tui.pane import Pane

if TYPE_CHECKING:
    from qtui.tui.app import QtuiApp

REPORT_EVERY = 0.2  # seconds between two lines of progress: enough to see, little to send


class Runner:
    """One worker at a time for each pane; a newer Scenario replaces an older one's work."""

    def __init__(self, app: QtuiApp) -> None:
        self._app = app
        self._workers: dict[str, Worker[None]] = {}

    @property
    def busy(self) -> bool:
        """Whether any worker is still at it."""
        return any(worker.is_running for worker in self._workers.values())

    def start(self, pane: Pane, scenario: Scenario) -> None:
        """Solve `scenario` and show the Result on `pane`."""
        self.cancel(scenario.command)
        if not self._wanted(pane, scenario):
            return
        if pane.quick(scenario):
            self._finish(pane, scenario, *_attempt(pane, scenario, Progress()))
            return
        self._app.say("working; Escape cancels", "dim")
        self._workers[scenario.command] = self._app.run_worker(
            lambda: self._work(pane, scenario), thread=True, group=scenario.command, exit_on_error=True
        )

    def cancel(self, command: str | None = None) -> bool:
        """Stop the work of one pane, or all; says whether there was any."""
        found = [w for name, w in self._workers.items() if (command is None or name == command) and w.is_running]
        for worker in found:
            worker.cancel()
        return bool(found)

    def _work(self, pane: Pane, scenario: Scenario) -> None:
        worker = get_current_worker()
        last = 0.0

        def report(done: float, total: float, note: str) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= REPORT_EVERY:
                last = now
                share = f"{100 * done / total:3.0f} %" if total else ""
                self._app.call_from_thread(self._app.say, f"{share} {note}  (Escape cancels)".strip(), "dim")

        found = _attempt(pane, scenario, Progress(report, lambda: worker.is_cancelled))
        if not worker.is_cancelled:
            self._app.call_from_thread(self._finish, pane, scenario, *found)

    def _wanted(self, pane: Pane, scenario: Scenario) -> bool:
        """Whether there is still a screen to show the answer on, and the question is still asked."""
        return self._app.is_running and pane.is_attached and scenario == pane.scenario

    def _finish(self, pane: Pane, scenario: Scenario, result: Any, problem: str | None) -> None:
        self._app.tidy.touch()
        if not self._wanted(pane, scenario):
            return
        self._app.say("")
        if problem is None:
            pane.show(scenario, result)
        else:
            pane.show_error(scenario, problem)


def _attempt(pane: Pane, scenario: Scenario, progress: Progress) -> tuple[Any, str | None]:
    try:
        return pane.solve(scenario, progress), None
    except Cancelled:
        return None, "cancelled"
    except OSError as error:
        said = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        return None, " ".join((said or str(error)).split())
    except (UserError, ValueError) as error:
        return None, " ".join(str(error).split())
