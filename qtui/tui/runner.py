"""Solves Scenarios for the panes: at once when that is quick, else in a worker thread that can be cancelled."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from textual.app import App
from textual.worker import Worker, get_current_worker

from qtui.error import QtuiError
from qtui.scenario.base import Scenario
from qtui.scenario.progress import Cancelled, Progress
from qtui.tui.host import host_of
from qtui.tui.keymap import CANCEL
from qtui.tui.pane import REPORT_EVERY, Pane

S = TypeVar("S", bound=Scenario)
R = TypeVar("R")
NICENESS = 5  # of work: three of its threads get what one of the app does
LATEST = 1.0  # seconds after which work begins, even if no frame was shown


@dataclass(frozen=True)
class Failure:
    """Why there is no Result, in one line."""

    message: str


def _is_at_work(worker: Worker[None]) -> bool:
    """Whether `worker` has something to do; one that was cancelled before its first step stays "running"."""
    return worker.is_running and not worker.is_cancelled


class Runner:
    """One worker at a time for each pane; a newer Scenario replaces an older one's work."""

    def __init__(self, app: App[int], answered: Callable[[], None]) -> None:
        """`answered` is called whenever an answer has come."""
        self._app = app
        self._answered = answered
        self._workers: dict[str, Worker[None]] = {}
        self._message = ""  # the last one about work
        self._failures: dict[str, tuple[Scenario, str]] = {}  # the last of each pane
        self.known: Mapping[Scenario, Any] = {}  # Results that have been worked out for this process before

    @property
    def busy(self) -> bool:
        """Whether any worker is still at it."""
        return any(map(_is_at_work, self._workers.values()))

    def start(self, pane: Pane[S, R], scenario: S) -> None:
        """Solve `scenario` and show the Result on `pane`."""
        self.cancel(scenario.command)
        if not self._wanted(pane, scenario):
            return
        if scenario in self.known:
            host_of(self._app).say("")
            self._finish(pane, scenario, self.known[scenario])
            return
        if pane.quick(scenario):
            host_of(self._app).say("")
            answer = _attempt(pane, scenario, Progress())
            self._finish(pane, scenario, answer)
            return
        self._tell(f"working; {self._cancels}")
        framed = threading.Event()  # the frame with the pane, or with its change, comes first
        self._app.call_after_refresh(framed.set)
        self._workers[scenario.command] = self._app.run_worker(
            lambda: self._work(pane, scenario, framed), thread=True, group=scenario.command, exit_on_error=True
        )

    def failure_of(self, scenario: Scenario) -> str:
        """Why `scenario` could not be solved when that was last tried; empty where it could, or was not tried."""
        failed, message = self._failures.get(scenario.command, (None, ""))
        return message if failed == scenario else ""

    def _tell(self, text: str) -> None:
        self._message = text
        host_of(self._app).say(text, "dim")

    @property
    def _cancels(self) -> str:
        return f"{host_of(self._app).keymap.text(CANCEL)} cancels"

    def cancel(self, command: str | None = None) -> bool:
        """Stop the work of one pane, or all; says whether there was any."""
        at_work = [w for name, w in self._workers.items() if command in (None, name) and _is_at_work(w)]
        for worker in at_work:
            worker.cancel()
        return bool(at_work)

    def _work(self, pane: Pane[S, R], scenario: S, framed: threading.Event) -> None:
        let_keys_go_first()
        framed.wait(LATEST)
        worker = get_current_worker()
        last = 0.0

        def report(done: float, total: float, note: str) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= REPORT_EVERY:
                last = now
                share = f"{100 * done / total:3.0f} %" if total else ""
                self._app.call_from_thread(self._tell, f"{share} {note}  ({self._cancels})".strip())

        answer = _attempt(pane, scenario, Progress(report, lambda: worker.is_cancelled))
        if not worker.is_cancelled:
            self._app.call_from_thread(self._finish, pane, scenario, answer)

    def _wanted(self, pane: Pane[S, R], scenario: S) -> bool:
        """Whether there is still a screen to show the answer on, and the question is still asked."""
        return self._app.is_running and pane.is_attached and scenario == pane.scenario

    def _finish(self, pane: Pane[S, R], scenario: S, answer: R | Failure) -> None:
        self._answered()
        if not self._wanted(pane, scenario):
            return
        host_of(self._app).unsay(self._message)
        self._failures.pop(scenario.command, None)
        if isinstance(answer, Failure):
            self._failures[scenario.command] = scenario, answer.message
            pane.show_error(scenario, answer.message)
        else:
            pane.show(scenario, answer)


def let_keys_go_first() -> None:
    """Have this thread, and those that it starts, yield the processor to the app's: work may use all that there are.

    Of the systems only Linux tells threads apart.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread, max(os.getpriority(os.PRIO_PROCESS, thread), NICENESS))


def _attempt(pane: Pane[S, R], scenario: S, progress: Progress) -> R | Failure:
    try:
        return pane.solve(scenario, progress)
    except Cancelled:
        return Failure("cancelled")
    except OSError as error:
        reason = error.strerror or str(error)
        return Failure(" ".join((f"{error.filename}: {reason}" if error.filename else reason).split()))
    except QtuiError as error:
        return Failure(" ".join(str(error).split()))
