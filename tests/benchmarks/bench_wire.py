"""Measures qtui on the wire beside a bare Textual app, in one run, and prints the table that the README shows.

    python tests/benchmarks/bench_wire.py [--runs 9] [--idle 10] [--json]

Starts are interleaved (bare, qtui, bare, qtui, ...), so that other work on the machine touches both alike. Bytes do
not depend on the machine's load; milliseconds do, so they are medians and belong beside the bare app's.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1] / "wire"), str(HERE.parents[2])]

from harness import Terminal  # noqa: E402

BARE = [sys.executable, str(HERE.with_name("bare.py"))]
QTUI = [sys.executable, "-m", "qtui", "--fresh"]
COLUMNS, ROWS, PERSONA = 120, 40, "ssh"

# What is measured in the app: (row of the table, keys that lead there, keys to measure one by one, limit in bytes).
ACTIONS: list[tuple[str, list[str], list[str], int]] = [
    ("bits: move the cursor", ["f2"], ["right", "right", "right", "left"], 600),
    ("bits: flip a bit of the mantissa", ["f2", *["right"] * 16], ["space", "right", "space", "right"], 600),
    ("bits: flip a bit of the exponent", ["f2", *["left"] * 16], ["space", "space", "right", "space"], 600),
    ("memory: change format or context", ["f1"], ["down", "right", "up", "left"], 4000),
    ("quantizer: one bit more or less", ["f3"], ["-", "+", "-", "+"], 4000),
    ("errors: zoom, the whole histogram", ["f4"], ["+", "-", "+", "-"], 4000),
    ("move the focus", ["f1"], ["tab", "tab", "tab", "shift+tab", "shift+tab", "shift+tab"], 3000),
    ("open the command palette", ["f1"], ["ctrl+p"], 14000),
    ("close it", [], ["escape"], 14000),
    ("switch the pane", ["f1", "f2", "f3", "f4"], ["f1", "f2", "f3", "f4"], 14000),
]


def terminal(command: list[str]) -> Terminal:
    return Terminal(command, columns=COLUMNS, rows=ROWS, persona=PERSONA)


def start(command: list[str]) -> tuple[Terminal, float, float]:
    """Open, and the milliseconds to the first byte and to the last byte of the first frame."""
    app = terminal(command)
    app.settle(quiet=0.4)
    first = (app.first_output or app.started) - app.started
    return app, 1000 * first, 1000 * (app.last_output - app.started)


def leave(app: Terminal) -> None:
    app.press("ctrl+q")
    app.wait_end()


def starts(runs: int) -> dict[str, float]:
    """Medians of the first frame, of both apps."""
    found: dict[str, list[float]] = {"bare": [], "qtui": []}
    for _ in range(runs):
        for name, command in (("bare", BARE), ("qtui", QTUI)):
            app, _, settled = start(command)
            found[name].append(settled)
            leave(app)
    return {name: statistics.median(times) for name, times in found.items()}


def resident(pid: int) -> float:
    """Resident memory in MB (10⁶ bytes)."""
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_seconds(pid: int) -> float:
    """Time on the processor, from the scheduler's own nanoseconds, of all threads."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def key(app: Terminal, name: str) -> tuple[int, float]:
    """Bytes that a key costs, and milliseconds until the last of them."""
    app.settle()
    before, sent = len(app.output), time.perf_counter()
    app.press(name)
    app.settle()
    return len(app.output) - before, 1000 * max(app.last_output - sent, 0)


def idle(app: Terminal, seconds: float) -> tuple[int, float]:
    """Bytes sent and share of one processor, in per cent, while nobody does anything."""
    app.settle()
    before, cpu = len(app.output), cpu_seconds(app.pid)
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        app.pump(left)
    return len(app.output) - before, 100 * (cpu_seconds(app.pid) - cpu) / seconds


def json_start(runs: int) -> tuple[float, float]:
    """Milliseconds of `qtui mem 8B --json` and of Python importing argparse and json."""
    commands = ([sys.executable, "-c", "import argparse, json"], [*QTUI[:3], "mem", "Qwen3-8B", "--json"])
    times: tuple[list[float], list[float]] = ([], [])
    env = os.environ | {"PYTHONPATH": str(HERE.parents[2])}
    for _ in range(runs):
        for command, found in zip(commands, times, strict=True):
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=env)
            found.append(1000 * (time.perf_counter() - began))
    return statistics.median(times[1]), statistics.median(times[0])


def measure(runs: int, idle_seconds: float) -> list[dict[str, Any]]:
    """The rows of the table."""
    rows: list[dict[str, Any]] = []

    def row(what: str, value: float, unit: str, against: str, limit: float, share: float | None = None) -> None:
        compared = value if share is None else share
        rows.append(
            {
                "what": what,
                "value": round(value, 2),
                "unit": unit,
                "against": against,
                "limit": limit,
                "ratio": share,
                "holds": compared <= limit,
            }
        )

    first = starts(runs)
    row("first frame", first["qtui"], "ms", f"bare {first['bare']:.0f} ms", 1.25, first["qtui"] / first["bare"])
    ours, python = json_start(2 * runs)
    row("qtui mem --json", ours, "ms", f"python {python:.0f} ms", 2, ours / python)
    bare, *_ = start(BARE)
    app, *_ = start(QTUI)
    above = resident(app.pid) - resident(bare.pid)
    row("resident memory above the bare app's, first pane", above, "MB", f"bare {resident(bare.pid):.0f} MB", 40)
    base = [key(bare, "right")[1] for _ in range(20)]
    row_base = statistics.median(base)
    for what, there, keys, limit in ACTIONS:
        for name in there:
            key(app, name)
        found = [key(app, name) for name in keys]
        row(what, max(size for size, _ in found), "B", f"{statistics.median(ms for _, ms in found):.0f} ms", limit)
    size, share = idle(app, idle_seconds)
    row("idle, bytes", size, "B", f"{idle_seconds:.0f} s", 0)
    row("idle, processor", share, "%", f"bare {idle(bare, idle_seconds)[1]:.2f} %", 0.5)
    above = resident(app.pid) - resident(bare.pid)
    row("resident memory above the bare app's, every pane seen", above, "MB", f"key in bare: {row_base:.0f} ms", 40)
    leave(app)
    leave(bare)
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """The README's table."""
    lines = ["| | measured | beside | limit | |", "|---|--:|---|--:|---|"]
    for row in rows:
        shown = f"{row['value']:,.0f}" if row["value"] >= 10 or row["unit"] == "B" else f"{row['value']:.2f}"
        measured = f"{shown} {row['unit']}" + (f" ({row['ratio']:.2f}×)" if row["ratio"] is not None else "")
        limit = f"{row['limit']:g}×" if row["ratio"] is not None else f"{row['limit']:,g} {row['unit']}"
        holds = "holds" if row["holds"] else "**falls short**"
        lines.append(f"| {row['what']} | {measured} | {row['against']} | {limit} | {holds} |")
    import textual

    lines.append(
        f"\nPython {platform.python_version()}, Textual {textual.__version__}, {os.cpu_count()} cores "
        f"({platform.machine()}), {COLUMNS}×{ROWS}, {PERSONA} (256 colours), "
        f"{datetime.date.today():%Y-%m-%d}, load {os.getloadavg()[0]:.1f}."
    )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9, help="starts of each app (9)")
    parser.add_argument("--idle", type=float, default=10, help="seconds of doing nothing (10)")
    parser.add_argument("--json", action="store_true", help="rows as JSON")
    args = parser.parse_args()
    rows = measure(args.runs, args.idle)
    print(json.dumps(rows) if args.json else table(rows))


if __name__ == "__main__":
    main()
