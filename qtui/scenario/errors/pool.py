"""A few worker processes and the queue of what they report. See `worker.py` for what they do."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, cast

import qtui
from qtui.compute.lm.threads import cores
from qtui.models.files.model_file import Tensor
from qtui.models.files.source import ModelFileError, explain, quoted, shortened_while_read
from qtui.scenario.errors.worker import Report, Task, read_frame, write_frame

MOST_WORKERS = 8
WAIT = 0.1  # seconds after which `reports` yields nothing, so that the caller can look up and cancel
AHEAD = 2  # tasks that each worker has been given: one in work, one at hand


def workers_here() -> int:
    """Processes to use: one for each core this process may use, within reason."""
    return max(1, min(cores(), MOST_WORKERS))


class Pool:
    """Worker processes. Use as a context manager; leaving it ends them at once, whatever they are doing."""

    def __init__(self, workers: int) -> None:
        self._inbox: queue.SimpleQueue[tuple[int, Report | None]] = queue.SimpleQueue()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._listeners: list[threading.Thread] = []
        self._given: list[deque[Task]] = [deque() for _ in range(workers)]  # not done yet, the one in work first
        environment = dict(os.environ)
        # The checkout that this process runs from, wherever it was started; one thread a process for matrix products.
        root = str(Path(qtui.__file__).resolve().parents[1])
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, environment.get("PYTHONPATH", ""))))
        environment["OPENBLAS_NUM_THREADS"] = environment["OMP_NUM_THREADS"] = "1"
        try:
            for index in range(workers):
                process = subprocess.Popen(
                    [sys.executable, "-c", "from qtui.scenario.errors.worker import main; main()"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=environment,
                )
                self._processes.append(process)
                stream = cast(BinaryIO, process.stdout)
                listener = threading.Thread(target=self._listen, args=(index, stream), daemon=True)
                listener.start()
                self._listeners.append(listener)
        except OSError:
            self.close()
            raise

    def _listen(self, index: int, stream: BinaryIO) -> None:
        try:
            while (report := read_frame(stream)) is not None:
                self._inbox.put((index, report))
        finally:
            self._inbox.put((index, None))

    def reports(self, tasks: Iterable[Task]) -> Iterator[Report | None]:
        """Everything the workers say until all `tasks` are done; None after a while without a message.

        Raises ModelFileError for a file that can't be measured, or when a worker ends before its time; RuntimeError
        with the traceback of a defect.
        """
        waiting = iter(tasks)
        left = 0
        for _ in range(AHEAD):
            for index in range(len(self._processes)):
                left += self._give(index, waiting)
        while left:
            try:
                index, report = self._inbox.get(timeout=WAIT)
            except queue.Empty:
                yield None
                continue
            if report is None:
                raise self._ended(index)
            if report.error:
                raise ModelFileError(report.error)
            if report.defect:
                raise RuntimeError(f"in a process that was measuring, {report.defect}")
            if report.job >= 0:
                self._given[index].popleft()
                left += self._give(index, waiting) - 1
            yield report

    def _give(self, index: int, tasks: Iterator[Task]) -> int:
        """Hand worker `index` the next task; 1 if there was one."""
        task = next(tasks, None)
        if task is None:
            return 0
        try:
            self._given[index].append(task)
            write_frame(cast(BinaryIO, self._processes[index].stdin), task)
        except OSError:  # a broken pipe: nobody reads any more
            raise self._ended(index) from None
        return 1

    def _ended(self, index: int) -> ModelFileError:
        """What to say of worker `index`, which ended while there was work to do."""
        code = self._processes[index].wait()
        task = self._given[index][0] if self._given[index] else None
        if task is not None and hasattr(signal, "SIGBUS") and code == -signal.SIGBUS:
            return _unmapped(task.tensor)
        how = f"was ended by signal {-code}" if code < 0 else f"ended with status {code}"
        return ModelFileError(f"a process that was measuring {how}; is memory short? Measure again")

    def close(self) -> None:
        """End the workers and wait for them."""
        for process in self._processes:
            process.kill()
        for listener in self._listeners:
            listener.join()  # it reads to the end of its pipe, which is now
        for process in self._processes:
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    try:
                        stream.close()
                    except OSError:  # unsent bytes of a task: its reader is gone
                        continue

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _unmapped(tensor: Tensor) -> ModelFileError:
    """Why a page of the tensor's file was not there when it was touched."""
    try:
        size = os.stat(tensor.path).st_size
    except OSError as error:
        return explain(error, tensor.path)
    if size < tensor.offset + tensor.nbytes:
        return shortened_while_read(tensor.path)
    return ModelFileError(
        f"{tensor.path} can't be read where {quoted(tensor.name)} is stored, or it has changed; "
        "check the disk and open it again"
    )
