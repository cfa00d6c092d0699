"""The process that measures parts of tensors for a survey; `pool.py` starts several.

It reads tasks from stdin and writes what it finds to stdout, as frames of a length and a pickle, until stdin ends.
It is started afresh, not forked, so it shares no locks with an app's threads; and since it lives by its pipes, it
ends within a tenth of a second of its parent, however that ended. It computes on a shared mapping of the file; where
the file is cut short under it, it is this process that the system ends (see `qtui/models/files/mapping.py`).
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from qtui.compute.codec import F32
from qtui.compute.errors import ErrorStats
from qtui.compute.errors.meter import Weighted
from qtui.compute.errors.values import ValueMeter
from qtui.compute.formats import get_format
from qtui.kiosk import close_doors_of_worker
from qtui.models.files.model_file import Tensor
from qtui.models.files.source import ModelFileError
from qtui.models.tensors.values import TensorData
from qtui.scenario.errors.sampling import FlatRange, fitting_sample, measure, needs_fit

LENGTH = struct.Struct("<Q")
REPORT_EVERY = 0.1  # seconds between two reports of progress

Outcome = tuple[ErrorStats | None, str, Weighted | None]


@dataclass(frozen=True)
class Task:
    """Measure `spans` of a tensor in formats given by name; with `values`, take the weights themselves, too."""

    job: int
    tensor: Tensor
    spans: tuple[FlatRange, ...]
    formats: tuple[str, ...]
    importance: NDArray[np.float32] | None = None
    steps: bool = False
    values: bool = False


@dataclass(frozen=True)
class Report:
    """What a worker says: `done` weights times formats since its last report; `outcomes` when a task is finished.

    `error` is a sentence on a file that can't be measured, `defect` any other exception with its traceback.
    """

    done: int
    job: int = -1
    outcomes: tuple[Outcome, ...] = ()
    values: ValueMeter | None = None
    error: str = ""
    defect: str = ""


def write_frame(stream: BinaryIO, value: Any) -> None:
    """Write one value."""
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()


def read_frame(stream: BinaryIO) -> Any:
    """The next value; None at the end of the stream."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    data = stream.read(size)
    return pickle.loads(data) if len(data) == size else None


class Fits:
    """The values that the last job's scales are fitted to, read once for all parts of a tensor."""

    def __init__(self) -> None:
        self._job = -1
        self._fit: F32 | None = None

    def of(self, task: Task, tick: Callable[[int], None]) -> F32:
        """The values for the job of `task`; the first time, `tick` is called with the weights read so far."""
        if self._fit is None or task.job != self._job:
            with TensorData(task.tensor, mapped=True) as data:
                self._fit = fitting_sample(data, tick)
            self._job = task.job
        return self._fit


def perform(task: Task, out: BinaryIO, fits: Fits) -> Report:
    """Measure one task, reporting progress on the way."""
    waiting, last = 0, time.monotonic()

    def tick(count: int) -> None:
        nonlocal waiting, last
        waiting += count
        now = time.monotonic()
        if now - last >= REPORT_EVERY:
            write_frame(out, Report(waiting))
            waiting, last = 0, now

    formats = [get_format(name) for name in task.formats]
    values = ValueMeter() if task.values else None
    try:
        measured = measure(
            task.tensor,
            formats,
            task.spans,
            importance=task.importance,
            steps=task.steps,
            fit=fits.of(task, tick) if needs_fit(formats) else None,
            values=values,
            mapped=True,
            tick=tick,
        )
    except (ModelFileError, OSError, MemoryError) as error:
        return Report(waiting, task.job, error=" ".join(str(error).split()) or type(error).__name__)
    except Exception as error:
        return Report(waiting, task.job, defect=f"{type(error).__name__}: {error}\n{traceback.format_exc()}")
    return Report(
        waiting, task.job, tuple((stats.stats, stats.problem, stats.weighted) for stats in measured), values
    )


def main() -> None:
    """Serve until stdin ends."""
    close_doors_of_worker()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, which then closes the pipes
    _leave_no_core_file()
    if hasattr(os, "nice"):
        os.nice(5)  # the screen goes first
    tasks, out = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing but frames may reach the pipe
    fits = Fits()
    try:
        while (task := read_frame(tasks)) is not None:
            write_frame(out, perform(task, out, fits))
    except BrokenPipeError:
        os._exit(0)  # the parent is gone; there is nobody to flush to


def _leave_no_core_file() -> None:
    """Where a file is cut short this process ends by a signal, which is no fault to examine."""
    try:
        import resource
    except ImportError:  # Windows knows neither
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
