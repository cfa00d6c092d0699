"""Leaving in the middle of a big file: at once, and the processes that measure it go as well."""

from __future__ import annotations

import json
import os
import struct
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.support.harness import Terminal, homes

VALUES = 1 << 28  # float32, all zeros: a gigabyte that takes no room on the disk


@pytest.fixture
def big(tmp_path: Path) -> Path:
    path = tmp_path / "big.safetensors"
    part = VALUES // 8
    tensors = {
        f"t{i}": {"dtype": "F32", "shape": [part // 4096, 4096], "data_offsets": [4 * i * part, 4 * (i + 1) * part]}
        for i in range(8)
    }
    header = json.dumps(tensors).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    os.truncate(path, 8 + len(header) + 4 * VALUES)
    return path


@pytest.mark.parametrize("how", ["SIGTERM", "hang up", "ctrl+q"])
def test_leaving_in_the_middle_of_it(big: Path, how: str, tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    env = homes(home)
    with Terminal([sys.executable, "-m", "qtui", "errors", str(big), "--exact", "--tui"], env=env) as terminal:
        terminal.wait_for("[4 Errors]")
        workers: list[psutil.Process] = []
        until = time.monotonic() + 30
        while not workers and time.monotonic() < until and not terminal.ended():
            terminal.pump(0.05)
            workers = psutil.Process(terminal.pid).children(recursive=True)
        assert terminal.leave(how) == {"SIGTERM": 143, "hang up": 129, "ctrl+q": 0}[how]
        assert how == "hang up" or not terminal.modes_left_on()
    assert workers
    psutil.wait_procs(workers, timeout=20)
    # Where nobody reaps them, ended processes stay as zombies.
    left = [w for w in workers if w.is_running() and w.status() != psutil.STATUS_ZOMBIE]
    assert not left
