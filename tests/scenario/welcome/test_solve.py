"""What the welcome works out: a model that fits, the large one beside it, files that lie near."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qtui.cli.main import run
from qtui.error import QtuiError
from qtui.scenario.memory.cache import MemoryCache
from qtui.scenario.memory.solve import solve as solve_memory
from qtui.scenario.welcome.files import MOST, files_here
from qtui.scenario.welcome.json import json_object
from qtui.scenario.welcome.result import WelcomeResult
from qtui.scenario.welcome.scenario import LARGE, WelcomeScenario
from qtui.scenario.welcome.solve import CONTEXT, SHARE, solve
from tests.support.screens import scenario_of


def test_what_fits_is_what_memory_says() -> None:
    steps: list[WelcomeResult] = []
    result = solve(WelcomeScenario(ram="8GB", files=False), grow=steps.append)
    assert result.complete and not steps[0].complete and steps[0].large == result.large
    assert result.fit is not None and result.fit.plan.context == CONTEXT
    shown = solve_memory(result.memory, cache=MemoryCache())
    assert shown.model.name == result.fit.model and shown.fits
    assert shown.total == result.fit.plan.total_bytes <= SHARE * result.room
    assert shown.others[0].model.name.endswith(LARGE) and not shown.others[0].fits


def test_the_large_model_is_the_essays() -> None:
    result = solve(WelcomeScenario(machine="8x H200", files=False))
    assert round(result.large[0].bytes / 1e9, 1) == 159.3
    assert all(a.bytes > b.bytes for a, b in zip(result.large, result.large[1:], strict=False))
    assert all(size.fits for size in result.large)


def test_nothing_fits_a_machine_without_memory() -> None:
    result = solve(WelcomeScenario(ram="100MB", vram="0", files=False))
    assert result.fit is None and result.complete and result.memory.model == (LARGE,)
    assert json_object(result)["fits"] is None


def test_a_machine_that_is_not_known_is_the_persons_mistake() -> None:
    with pytest.raises(QtuiError, match="no machine"):
        solve(WelcomeScenario(machine="abacus 3000"))


def test_files_are_listed_by_name_and_kind(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(b"GGUF" + bytes(96))
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "config.json").write_text("{}")
    model = tmp_path / "whole"
    model.mkdir()
    for name, size in (("config.json", 2), ("model-1.safetensors", 10), ("model-2.safetensors", 20)):
        (model / name).write_bytes(bytes(size))
    blobs = tmp_path / "blobs"
    blobs.mkdir()
    (blobs / "sha256-1").write_bytes(b"GGUF")
    (blobs / "sha256-2").write_bytes(b"{}")
    files = {file.name: file.bytes for file in files_here((str(tmp_path),))}
    assert files == {"a.gguf": 100, "alone/config.json": 2, "whole": 30, "sha256-1": 4}


def test_no_more_files_than_can_be_looked_through(tmp_path: Path) -> None:
    for number in range(MOST + 5):
        (tmp_path / f"{number}.gguf").touch()
    assert len(files_here((str(tmp_path),))) == MOST
    assert files_here((str(tmp_path / "none"),)) == ()


def test_the_command_prints_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["welcome", "--ram", "8GB", "--no-files", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["fits"]["total_bytes"] < 8e9 and answer["files"] == []
    assert scenario_of(answer["memory"].removeprefix("qtui ")).model[0].endswith(LARGE)
    assert run(["welcome", "--ram", "8GB", "--no-files"]) == 0
    assert "fits in" in capsys.readouterr().out
