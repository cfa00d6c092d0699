"""The published tables of speeds that the Speed view shows, and what processors multiply as it is."""

from __future__ import annotations

import pytest

from qtui.models.machine.list import MACHINES
from qtui.models.machine.native import generation_of
from qtui.scenario.memory.asked import SpeedLesson
from qtui.scenario.memory.choices import solve_with_choices
from qtui.scenario.memory.lesson import published_tables
from qtui.scenario.memory.scenario import MemoryScenario


def lesson(machine: str) -> SpeedLesson:
    result = solve_with_choices(MemoryScenario(("Qwen3-8B",), "Q4_K_M", machine=machine, view="speed"))
    assert result.lesson is not None
    return result.lesson


@pytest.mark.parametrize(
    ("machine", "device"),
    [
        ("RTX 4090", "a machine that its authors do not name"),
        ("M1 Max 64GB", "M2 Ultra"),
        ("Ryzen 7950X 64GB", "Ryzen 7950X"),
        ("Tesla P40", "Tesla P40"),
        ("M2 Max CPU alone", "M2 Max CPU"),
    ],
)
def test_the_table_is_of_the_device_or_its_class(machine: str, device: str) -> None:
    assert lesson(machine).device.partition(",")[0] == device


def test_what_is_slower_than_a_larger_format_is_named() -> None:
    rows = {row.format: row for row in lesson("M2 Max CPU alone").rows}
    assert rows["IQ3_S"].slower == rows["Q2_K_S"].slower == "Q4_0" and not rows["Q4_0"].slower
    sizes = [row.bytes for row in lesson("M2 Max CPU alone").rows]
    assert sizes == sorted(sizes, reverse=True) and len(published_tables()) >= 6


@pytest.mark.parametrize(
    ("device", "has", "lacks"),
    [
        ("RTX 3090", "bf16 int4", "fp8"),
        ("RTX 4090", "fp8", "fp4"),
        ("RTX 5090", "fp8 fp4", "int4"),
        ("H100", "fp8", "int4 fp4"),
        ("MacBook Pro M1 Max 64GB", "fp16", "bf16 int8"),
        ("MI300X", "fp8", "fp4"),
        ("MI50", "int8", "bf16"),
        ("Arc A770", "bf16 int8", "fp8"),
        ("Ryzen 7950X 64GB", "bf16", "fp16"),
        ("RTX 5000 Ada", "int4", "fp4"),
    ],
)
def test_what_a_generation_multiplies(device: str, has: str, lacks: str) -> None:
    one = generation_of(device)
    assert one is not None and set(has.split()) <= one.formats and not set(lacks.split()) & one.formats


def test_generations_are_told_apart() -> None:
    known = [machine.name for machine in MACHINES if generation_of(machine.name)]
    assert len(known) > 60 and generation_of("Raspberry Pi 5 8GB") is None
