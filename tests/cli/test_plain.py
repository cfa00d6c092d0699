"""`--plain`: one fact a line, in words, for every subcommand and every view."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from qtui.cli.command import COMMANDS
from qtui.cli.main import run
from qtui.cli.plain import FEW, MOST, prose
from qtui.scenario.bits.scenario import VIEWS as BITS
from qtui.scenario.memory.scenario import VIEWS as MEMORY
from qtui.scenario.quantizer.scenario import VIEWS as QUANTIZER
from tests.support.monkey import write_model

ASKED = [
    "mem Qwen3-8B -f Q4_K_M --ram 16GB",
    "mem Qwen3-8B,gemma-3-12b -f Q4_K_M --ram 16GB",
    "mem --here --ram 4GB",
    "mem --machines",
    *(f"mem 8B --ram 16GB --view {view}" for view in MEMORY),
    *(f"bits 0.1 -f bfloat16 --view {view}" for view in BITS if view != "codebook"),
    "bits 0.1 --all",
    *(f"quantize --show {view}" for view in QUANTIZER),
    "errors --count 512",
    "errors m.safetensors --view survey",
    "errors m.safetensors --view browse",
    "errors m.safetensors --against m.safetensors",
    "inspect m.safetensors",
    "plan layers.safetensors",
    "formats q4",
    "quality --lesson divergence",
    "quality --tokens 1+1=",
    "welcome --ram 1GB --no-files",
    "tour --step 1",
]


def lines_of(command: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert run([*command.split(), "--plain"]) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("command", ASKED)
def test_facts_are_lines_of_words(
    command: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "m.safetensors", seed=1)
    weights = np.linspace(-1, 1, 1 << 16, dtype=np.float32).reshape(256, 256)
    save_file({"model.layers.0.mlp.up_proj.weight": weights}, tmp_path / "layers.safetensors")
    lines = lines_of(command, capsys)
    assert len(lines) > (0 if "--lesson" in command else 3)
    for line in lines:
        assert not re.search(r"[\u2500-\u25ff\u2800-\u28ff]|  |\t", line), line
        assert not re.search(r"\d (kB|MB|GB|TB|dB)\b", line), line
        first = line.partition(" ")[0].rstrip(".,:")
        assert line[:1] == line[:1].upper() or any(mark in first for mark in "_./"), line
        assert line.endswith((".", "?", "!", ":")), line
    if command.split()[0] in ("bits", "quantize", "errors"):
        assert len(set(lines)) == len(lines) < 45


def test_every_subcommand_is_asked() -> None:
    assert {command.split()[0] for command in ASKED} >= set(COMMANDS) - {"lesson"}


def test_units_are_spoken_and_long_lists_are_summed_up() -> None:
    value = {"file_bytes": 5_020_000_000, "sqnr_db": 21.25, "rmse": 1.5e-05, "fits": True, "spare": None, "none": ""}
    assert prose("fits, 9.44 GB to spare", value).splitlines() == [
        "Fits, 9.44 gigabytes to spare.",
        "File: 5.02 gigabytes.",
        "Signal to noise: 21.25 decibels.",
        "Usual error: 1.5 times ten to the minus 5.",
        "Fits: yes.",
        "Spare: none.",
    ]
    assert prose("", {"counts": list(range(FEW + 1))}) == f"Counts: {FEW + 1} numbers, from 0 to {FEW}."
    rows = prose("", {"rows": [{"name": f"row {n}", "bits": n} for n in range(MOST + 2)]}).splitlines()
    assert rows[3] == "Row 3, bits: 3." and rows[-1] == "And 2 more, which --json lists."


def test_a_name_from_a_file_obeys_no_terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save(tmp_path / "w\x1b[31m.npy", np.linspace(-1, 1, 512, dtype=np.float32).reshape(2, 256))
    assert run(["errors", "w\x1b[31m.npy", "--plain"]) == 0
    page = capsys.readouterr().out
    assert "\x1b" not in page and "\\x1b[31m" in page


def test_memory_says_the_verdict_first_and_nothing_twice(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mem", "Qwen3-30B-A3B", "-c", "64k", "--machine", "RTX 4070", "--plain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Qwen/Qwen3-30B-A3B bfloat16 (native): fits in part") and len(lines) < 40
    assert len(set(lines)) == len(lines)
    assert sum(line.startswith("Plan balanced, in ") for line in lines) == 1
    assert any(line.startswith("Plan ") and "llama-server " in line for line in lines)
