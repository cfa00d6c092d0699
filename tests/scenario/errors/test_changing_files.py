"""A file cut short, deleted or replaced while it is surveyed; a worker that is killed: one sentence, nothing left."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from qtui.compute.formats import get_format
from qtui.models.files.model_file import ModelFile
from qtui.models.files.open import open_model
from qtui.models.files.source import ModelFileError
from qtui.scenario.errors.survey import Job, run_jobs
from qtui.scenario.progress import Progress

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGBUS"), reason="elsewhere an open file can't be cut short")


def sparse_model(path: Path, tensors: int = 64, rows: int = 1024) -> Path:
    """A safetensors file of zeros that takes no room on the disk: 16 MiB a tensor."""
    size = rows * 4096 * 4
    header = {
        f"t{i}": {"dtype": "F32", "shape": [rows, 4096], "data_offsets": [i * size, (i + 1) * size]}
        for i in range(tensors)
    }
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    os.truncate(path, 8 + len(text) + tensors * size)
    return path


def replaced(path: Path) -> None:
    sparse_model(path.with_suffix(".other"))
    os.replace(path.with_suffix(".other"), path)


CHANGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "cut short": (lambda path: os.truncate(path, 5000), "became shorter while it was read; open it again"),
    "deleted": (lambda path: path.unlink(), "there is no file"),
    "replaced": (replaced, "has changed since it was opened; open it again"),
}


def children(pid: int) -> list[psutil.Process]:
    return [p for p in psutil.Process(pid).children(recursive=True) if p.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_surveyed(tmp_path: Path, change: str) -> None:
    path = sparse_model(tmp_path / "m.safetensors")
    act, words = CHANGES[change]
    env = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "qtui", "errors", str(path), "-f", "IQ4_NL", "--view", "survey", "--exact"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env) as running:
        until = time.monotonic() + 60
        while not (workers := children(running.pid)) or sum(p.cpu_times().user for p in workers) < 1:
            assert running.poll() is None and time.monotonic() < until
            time.sleep(0.05)
        act(path)
        message, complaint = running.communicate(timeout=60)
    line = complaint.replace("\r", "\n").strip().splitlines()[-1]
    assert running.returncode == 2 and message == ""
    assert words in line and str(path) in line and "Traceback" not in complaint
    psutil.wait_procs(workers, timeout=20)
    assert not [p for p in workers if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def survey(model: ModelFile, meanwhile: Callable[[], None]) -> str:
    """Survey `model`, act once when the work has begun; the complaint."""
    acted = False

    def tick(done: float, total: float, note: str) -> None:
        nonlocal acted
        if done and not acted:
            acted = True
            meanwhile()

    jobs = [Job(t, ((0, t.count),)) for t in model.tensors]
    with pytest.raises(ModelFileError) as caught:
        run_jobs(jobs, [get_format("IQ4_NL")], Progress(tick), lambda row: None, workers=2)
    assert acted and not children(os.getpid())
    return str(caught.value)


def test_workers_that_are_killed(tmp_path: Path) -> None:
    model = open_model(str(sparse_model(tmp_path / "m.safetensors", 8)))
    message = survey(model, lambda: children(os.getpid())[0].kill())
    assert message == "a process that was measuring was ended by signal 9; is memory short? Measure again"


@pytest.mark.parametrize("change", ["cut short", "deleted", "as it was"])
def test_a_worker_that_touched_a_page_that_is_gone(tmp_path: Path, change: str) -> None:
    """The signal itself is sent, since the moment between looking at the size and touching can't be met at will."""
    path = sparse_model(tmp_path / "m.safetensors", 8)
    model = open_model(str(path))

    def act() -> None:
        os.kill(children(os.getpid())[0].pid, signal.SIGSTOP)
        os.kill(children(os.getpid())[1].pid, signal.SIGSTOP)
        if change in CHANGES:
            CHANGES[change][0](path)
        for worker in children(os.getpid()):
            os.kill(worker.pid, signal.SIGBUS)
            os.kill(worker.pid, signal.SIGCONT)

    message = survey(model, act)
    assert message.count("\n") == 0 and str(path) in message
    assert CHANGES.get(change, (None, "check the disk and open it again"))[1] in message
