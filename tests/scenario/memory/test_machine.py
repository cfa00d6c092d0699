"""The machine that a Memory Scenario is about."""

from __future__ import annotations

import pytest

from qtui.error import QtuiError
from qtui.models.machine.list import simulated
from qtui.scenario.memory.machine import amounts, amounts_text, machine_of
from qtui.scenario.memory.scenario import MemoryScenario


def test_a_named_machine_with_other_memory_keeps_its_bandwidth_and_says_so() -> None:
    laptop = machine_of(MemoryScenario(machine="laptop 32GB", ram="64GB"))
    assert laptop.ram_total == 64 * 10**9 and laptop.bandwidth == simulated("laptop 32GB").bandwidth
    assert laptop.notes == ("RAM as given, taken to be free, and as fast as that of laptop 32GB",)
    card = machine_of(MemoryScenario(machine="RTX 4090", vram="48GB,48GB"))
    own = simulated("RTX 4090").gpus[0]
    assert [gpu[2:] for gpu in card.gpus] == [(48 * 10**9, own.bandwidth, own.kind)] * 2
    assert card.notes[-1] == "cards as given, taken to be as fast as RTX 4090"
    for cards in ("48GB,48GB,", "2x48GB", "2 x 48 GB"):
        assert machine_of(MemoryScenario(machine="RTX 4090", vram=cards)).gpus == card.gpus
    mac = machine_of(MemoryScenario(machine="M3 Max 128GB", ram="64GB"))
    assert mac.gpu_share == 48 * 10**9
    given = machine_of(MemoryScenario(ram="64GB", vram="24GB"))
    assert given.gpus[0].bandwidth is None
    assert machine_of(MemoryScenario(machine="64GB + 24GB VRAM")) == given


@pytest.mark.parametrize(
    ("typed", "ram", "vram"),
    [
        ("64 GB", "64GB", ""),
        ("64gib", "64GiB", ""),
        ("1.5 tb of memory", "1.5TB", ""),
        ("64 GB + 24 GB VRAM", "64GB", "24GB"),
        ("24G card", "", "24GB"),
        ("RAM 16 GiB, no GPU", "16GiB", "0"),
        ("64GB RAM + no card", "64GB", "0"),
    ],
)
def test_amounts_as_people_type_them(typed: str, ram: str, vram: str) -> None:
    result = amounts(typed)
    assert (result.get("ram", ""), result.get("vram", "")) == (ram, vram)
    assert amounts(amounts_text(ram, vram)) == result


@pytest.mark.parametrize("typed", ["", "64", "lots", "64 parsecs", "8GB + 16GB", "0", "RTX 4090", "64GB + "])
def test_what_is_no_amount_is_refused_with_an_example(typed: str) -> None:
    if typed == "64GB + ":  # still being typed
        assert amounts(typed) == {"ram": "64GB"}
        return
    with pytest.raises(QtuiError, match=r"GB"):
        amounts(typed)
