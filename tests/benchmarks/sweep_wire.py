"""Counts the bytes of every key that matters, not of one key a row as `bench_wire.py` does, and prints a table.

    python tests/benchmarks/sweep_wire.py [--only bits] [--each]

Flips are counted inside this process (`counted.py`): every bit of several formats, there and back, from several
values. Everything else goes through a pseudo-terminal. Bytes do not depend on the machine's load.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1] / "wire"), str(HERE.parents[2])]

from counted import COLUMNS, ROWS, counted  # noqa: E402
from harness import Terminal  # noqa: E402

from qtui.compute.floats.table import number_format  # noqa: E402
from qtui.scenario.bits import BitsScenario  # noqa: E402

MOVE, FOCUS, VALUE, SWITCH = 600, 3000, 4000, 14000
FORMATS = ("float32", "bfloat16", "float16", "float64", "float8_e4m3fn", "float8_e5m2", "int8", "nf4")
VALUES = ("0.1", "1", "-3e-5", "0", "nan", "1e300")
Costs = list[tuple[int, str]]


@dataclass(frozen=True)
class Keys:
    """Keys to count one by one in a state of the app: a command line, then keys that lead there."""

    group: str
    limit: int
    command: str
    there: str
    keys: str


# Where every key is one that changes a value, or moves a cursor; a key twice is there and back.
SWEEPS = (
    Keys("bits: cursor, inspect", MOVE, "bits 0.1 --tui", "", "right " * 32 + "shift+left shift+right"),
    Keys("bits: cursor, all formats", MOVE, "bits 0.1 --view all --tui", "", "down " * 24 + "up " * 24),
    Keys("bits: cursor, line", MOVE, "bits 0.1 --view line --tui", "", "right " * 12 + "shift+right left home end"),
    Keys("bits: cursor, density", MOVE, "bits 0.1 --view density --tui", "", "right " * 12 + "shift+right left home"),
    Keys("bits: cursor, sine", MOVE, "bits 0.1 --view sine --tui", "", "right " * 12 + "shift+right left home"),
    Keys("bits: mark, sine", MOVE, "bits 0.1 --view sine --tui", "", "down " * 8 + "up up"),
    Keys("bits: cursor, formats", MOVE, "bits 0.1 --view formats --tui", "", "down " * 24 + "up " * 24),
    Keys("bits: cursor, design", MOVE, "bits 0.1 --view design --tui", "", "down " * 6 + "up " * 3),
    Keys(
        "bits: step", VALUE, "bits 0.1 --tui", "", "up up down down shift+up shift+down * / + - pageup pagedown m m"
    ),
    Keys("bits: special values, ends", VALUE, "bits 0.1 --tui", "", "n " * 14 + "N " * 3 + "home end x x"),
    Keys("bits: format, rounding", VALUE, "bits 0.1 --tui", "", "] " * 12 + "[ " * 4 + "r r r R o o"),
    Keys("bits: zoom, line", VALUE, "bits 0.1 --view line --tui", "", "+ + + - - - 0 up down"),
    Keys("bits: zoom, density", VALUE, "bits 0.1 --view density --tui", "", "+ + + - - - 0 L L P P ] ] ["),
    Keys("bits: zoom, sine", VALUE, "bits 0.1 --view sine --tui", "", "+ + - - down space space"),
    Keys("bits: change a design", VALUE, "bits 0.1 --view design --tui", "", "right left " + "down right left " * 4),
    Keys("bits: switch the view", SWITCH, "bits 0.1 --tui", "", "a l d w f e i l a w e d f i"),
    Keys("errors: zoom", VALUE, "errors --tui", "", "+ " * 8 + "- " * 9),
    Keys("errors: zoom, linear", VALUE, "errors --counts linear --tui", "", "+ " * 8 + "- " * 9),
    Keys("errors: zoom, stacked", VALUE, "errors --layout stacked --tui", "", "+ " * 5 + "- " * 6),
    Keys("errors: zoom, steps", VALUE, "errors --unit steps --tui", "", "+ " * 5 + "- " * 6),
    Keys("errors: counts, unit, layout, even", VALUE, "errors --tui", "", "l l w w i i h h w l i h l i w h"),
    Keys("errors: cursor", MOVE, "errors --tui", "", "right left shift+left shift+right home end 0"),
    Keys("errors: cursor, stacked", MOVE, "errors --layout stacked --tui", "", "right left shift+left home end 0"),
    Keys(
        "memory: format, context",
        VALUE,
        "mem Qwen3-8B --tui",
        "",
        "down " * 9 + "up " * 4 + "right " * 6 + "left " * 3,
    ),
    Keys("memory: views and turns", VALUE, "mem Qwen3-8B --tui", "", "t a g w w v v"),
    Keys("quantizer: schemes", VALUE, "quantize --tui", "", "- + - - + b b B a a c c T R i x x k K k F X"),
    Keys("quantizer: numbers", VALUE, "quantize --tui", "", "d d d D z z Z p P n n o > < o r"),
    Keys("quantizer: cursor", MOVE, "quantize --tui", "", "right right left end home shift+right"),
    *(
        Keys(f"move the focus, {name}", FOCUS, command, "", "tab " * count + "shift+tab " * count)
        for name, command, count in (
            ("memory", "mem Qwen3-8B --tui", 9),
            ("bits", "bits 0.1 --tui", 6),
            ("quantizer", "quantize --tui", 8),
            ("errors", "errors --tui", 9),
        )
    ),
    Keys("switch the pane", SWITCH, "mem Qwen3-8B --tui", "f2 f3 f4 f1", "f2 f1 f3 f1 f4 f2 f3 f2 f4 f3 f4 f1"),
    Keys("switch the pane, first visits", SWITCH, "mem Qwen3-8B --tui", "", "f2 f3 f4"),
)


def pressed(sweep: Keys) -> Costs:
    """Bytes of each of the keys, with its name."""
    command = [sys.executable, "-m", "qtui", *sweep.command.split()]
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
