"""A file far larger than the memory that surveying it takes, all processes together."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")

MOST = 300 << 20


def sparse(path: Path, gib: int) -> str:
    """A safetensors file of zeros, which take no room on the disk, in tensors of 256 MiB."""
    size = 1 << 28
    header = {
        f"blk.{i}.ffn_up.weight": {
            "dtype": "BF16",
            "shape": [1 << 15, 4096],
            "data_offsets": [i * size, (i + 1) * size],
        }
        for i in range(4 * gib)
    }
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    os.truncate(path, 8 + len(text) + 4 * gib * size)
    return str(path)


def memory(process: psutil.Process) -> int:
    """Resident bytes of the process and its children, pages that they share counted once."""
    result = 0
    for item in (process, *process.children(recursive=True)):
        try:
            result += item.memory_full_info().pss
        except psutil.Error:
            continue
    return result


@pytest.mark.parametrize(("gib", "extra"), [(16, []), (1, ["--exact"])], ids=["sampled", "exact"])
def test_a_survey_takes_less_than_300_mb(tmp_path: Path, gib: int, extra: list[str]) -> None:
    path = sparse(tmp_path / "m.safetensors", gib)
    env = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "qtui", "errors", path, "--view", "survey", "-f", "BF16", "--json", *extra]
    peak = 0
    with open(tmp_path / "out.json", "w+") as out, subprocess.Popen(command, stdout=out, env=env) as running:
        while running.poll() is None:
            try:
                peak = max(peak, memory(psutil.Process(running.pid)))
            except psutil.Error:
                break
            try:
                running.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        assert running.wait() == 0
        out.seek(0)
        answer = json.load(out)
    assert 10 << 20 < peak < MOST
    assert len(answer["tensors"]) == 4 * gib and answer["sampled"] is (not extra)
