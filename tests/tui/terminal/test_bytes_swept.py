"""What every key costs on the wire, not only one of each kind: all bits of several formats, all views and panes.

`tests/benchmarks/sweep_wire.py` prints the same as a table.
"""

from __future__ import annotations

import sys

import pytest

from qtui.compute.floats.table import number_format
from qtui.scenario.bits.scenario import BitsScenario
from tests.support.counted import COLUMNS, ROWS, counted, scenario_of
from tests.support.harness import Terminal
from tests.support.swept import SWEEPS, VALUE, Keys

FLIPS = [
    *(("float32", value) for value in ("0.1", "1", "nan")),
    *(("bfloat16", value) for value in ("0", "nan")),
    ("float16", "1"),
    ("float64", "nan"),
    *(("float8_e4m3fn", value) for value in ("0.1", "nan")),
    ("int8", "1"),
    ("nf4", "0.1"),
]


@pytest.mark.parametrize(("name", "value"), FLIPS)
async def test_a_flip_of_any_bit_costs_little(name: str, value: str) -> None:
    """There and back: also where the class changes, to an infinity, NaN, a subnormal."""
    async with counted(BitsScenario(value, name)) as app:
        costs = []
        for bit in range(number_format(name).bits - 1, -1, -1):
            costs += [(await app.cost("space"), bit), (await app.cost("space"), bit)]
            await app.cost("right")
    assert min(costs)[0] > 0 and max(costs)[0] < VALUE, max(costs)
    # Most are far cheaper: a bit changes a few digits of each number.
    assert sorted(costs)[len(costs) // 2][0] < VALUE / 3


@pytest.mark.parametrize("sweep", SWEEPS, ids=[sweep.group for sweep in SWEEPS])
async def test_keys_cost_little(sweep: Keys) -> None:
    async with counted(scenario_of(sweep.command)) as app:
        for key in sweep.there.split():
            await app.cost(key)
        costs = [(await app.cost(key), key) for key in sweep.keys.split()]
    assert max(costs)[0] < sweep.limit, max(costs)
    assert sum(cost > 0 for cost, _ in costs) > len(costs) // 3  # they are keys of this view


async def test_the_count_is_that_of_a_terminal() -> None:
    keys = ("right", "space", "space", "down", "a", "down", "i")
    async with counted(BitsScenario("0.1", "float32")) as app:
        here = [await app.cost(key) for key in keys]
    command = [sys.executable, "-m", "qtui", "bits", "0.1", "--format", "float32", "--tui"]
    with Terminal(command, columns=COLUMNS, rows=ROWS, persona="ssh") as terminal:
        terminal.settle(0.4)
        there = [terminal.cost(key) for key in keys]
    # A change of the view may be drawn in one frame or in two.
    assert [a for a, key in zip(here, keys, strict=True) if key not in "ai"] == [
        a for a, key in zip(there, keys, strict=True) if key not in "ai"
    ]
