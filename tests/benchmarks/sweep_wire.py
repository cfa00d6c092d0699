"""Counts the bytes of every key that matters, not of one key a row as `bench_wire.py` does, and prints a table.

    python tests/benchmarks/sweep_wire.py [--only bits] [--each]

Flips are counted inside this process (`counted.py`): every bit of several formats, there and back, from several
values. Everything else goes through a pseudo-terminal. Bytes do not depend on the machine's load.
"""

from __future__ import annotations

import argparse
import asyncio
import shlex
import statistics
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2])]

from qtui.compute.floats.table import number_format  # noqa: E402
from qtui.scenario.bits.scenario import BitsScenario  # noqa: E402
from tests.support.counted import COLUMNS, ROWS, counted  # noqa: E402
from tests.support.harness import Terminal  # noqa: E402
from tests.support.swept import MOVE, SWEEPS, Costs, Keys  # noqa: E402

FORMATS = ("float32", "bfloat16", "float16", "float64", "float8_e4m3fn", "float8_e5m2", "int8", "nf4")
VALUES = ("0.1", "1", "-3e-5", "0", "nan", "1e300")


def pressed(sweep: Keys) -> Costs:
    """Bytes of each of the keys, with its name."""
    command = [sys.executable, "-m", "qtui", *shlex.split(sweep.command), "--tui"]
    with Terminal(command, columns=COLUMNS, rows=ROWS, persona="ssh") as app:
        app.settle(0.4)
        for key in sweep.there.split():
            app.cost(key)
        return [(app.cost(key), key) for key in sweep.keys.split()]


async def flipped(name: str) -> Costs:
    """Bytes of flipping every bit of a format there and back, from each of `VALUES`."""
    costs: Costs = []
    for value in VALUES:
        async with counted(BitsScenario(value, name)) as app:
            for bit in range(number_format(name).bits - 1, -1, -1):
                for way in ("", " back"):
                    costs.append((await app.cost("space"), f"{value}: bit {bit}{way}"))
                await app.cost("right")
    return costs


def row(group: str, limit: int, costs: Costs) -> str:
    """A row of the table."""
    sizes = sorted(size for size, _ in costs)
    p95 = sizes[min(len(sizes) - 1, len(sizes) * 95 // 100)]
    worst, what = max(costs)
    holds = "holds" if worst <= limit else "**falls short**"
    return (
        f"| {group} | {len(costs)} | {statistics.median(sizes):,.0f} | {p95:,} | {worst:,} | {what} "
        f"| {limit:,} | {holds} |"
    )


def swept(only: str) -> Iterator[tuple[str, int, Costs]]:
    """Every group of keys whose name begins with `only`."""
    for name in FORMATS:
        if f"bits: flip {name}".startswith(only):
            yield f"bits: flip {name}", MOVE, asyncio.run(flipped(name))
    for sweep in SWEEPS:
        if sweep.group.startswith(only):
            yield sweep.group, sweep.limit, pressed(sweep)


def table(rows: Iterable[tuple[str, int, Costs]], each: bool) -> None:
    """Print the rows as they come."""
    print("| | keys | median | p95 | max | costliest | limit | |\n|---|--:|--:|--:|--:|---|--:|---|")
    for group, limit, costs in rows:
        print(row(group, limit, costs), flush=True)
        if each:
            print("   ", "  ".join(f"{key} {size}" for size, key in costs))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help='groups whose name begins so, such as "errors"')
    parser.add_argument("--each", action="store_true", help="the bytes of every key, too")
    args = parser.parse_args()
    table(swept(args.only), args.each)


if __name__ == "__main__":
    main()
