"""How long work reports and how it is stopped: one object, ticked by the worker, watched by whoever shows it."""

from __future__ import annotations

from collections.abc import Callable


class Cancelled(Exception):
    """The person asked to stop; raised out of `Progress.tick`."""


class Progress:
    """Reports how much of a long piece of work is done.

    `report(done, total, note)` is called at each tick; `cancelled()` is asked at each tick.
    """

    def __init__(
        self,
        report: Callable[[float, float, str], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self._report = report
        self._cancelled = cancelled

    def tick(self, done: float, total: float, note: str = "") -> None:
        """Say that `done` of `total` is finished. Raises Cancelled when the work should stop."""
        if self._cancelled is not None and self._cancelled():
            raise Cancelled
        if self._report is not None:
            self._report(done, total, note)
