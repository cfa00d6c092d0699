"""Measures qtui on the wire beside a bare Textual app, in one run, and prints the table that the README shows.

    python tests/benchmarks/bench_wire.py [--runs 9] [--keys 60] [--idle 10] [--json]

Starts and keys are interleaved (bare, qtui, bare, qtui, ...), so that other work on the machine touches both alike.
Bytes do not depend on the machine's load; milliseconds do, and belong beside the bare app's: medians of the starts,
95th percentiles of the keys. Bytecode is compiled first, as `pip install` does.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2])]

from tests.support.harness import Terminal  # noqa: E402

BARE = [sys.executable, str(HERE.with_name("bare.py"))]
QTUI = [sys.executable, "-m", "qtui"]
FRESH = [*QTUI, "--fresh"]
SCRIPT = [str(installed)] if (installed := Path(sys.executable).with_name("qtui")).exists() else QTUI
COLUMNS, ROWS, PERSONA = 120, 40, "ssh"
QUIET = 0.08  # seconds of silence that end a key's answer
FRAME = 1200  # bytes that a first frame has at least

# What `qtui mem --json` is asked: models, formats and machines of every kind.
ASKED = (
    "Qwen3-8B",
    "DeepSeek-V3 -f Q4_K_M",
    "gpt-oss-20b --kv-type q8_0/q4_0 -n 4",
    "Qwen3-Coder-Next -f Q4_K_M -c 32k",
    "Kimi-K2 -f IQ2_M",
    "gemma-3-12b -f nf4",
    "80B -f int4",
    "DeepSeek-V3 --machine H200",
    "Qwen3-8B -f float8_e4m3fn --engine vllm",
    "Qwen3-8B -f Q4_K_M --vram 24GB",
    "Llama-3.1-405B -f int4:block=128,scale=fp16",
    "Qwen3-8B,gemma-3-12b -f Q4_K_M,Q8_0",
)

# Keys that are answered, in qtui and by the least that the bare app can do alike: (row of the table, keys that lead
# there, keys in turn, the bare app's).
ANSWERS: list[tuple[str, list[str], list[str], list[str]]] = [
    ("move a cursor (Bits)", ["f2"], ["right", "left"], ["right", "left"]),
    ("flip a bit (Bits)", ["f2"], ["space"], ["space"]),
    ("change a number (Memory: the context)", ["f1"], ["right", "left"], ["+", "-"]),
    ("change a number (Quantizer: the bits)", ["f3"], ["-", "+"], ["-", "+"]),
    ("switch the pane", ["f1", "f2", "f3", "f4"], ["f1", "f2", "f3", "f4"], ["f1", "f2", "f3", "f4"]),
]

# What is measured in the app: (row of the table, keys that lead there, keys to measure one by one, limit in bytes).
ACTIONS: list[tuple[str, list[str], list[str], int]] = [
    ("bits: move the cursor", ["f2"], ["right", "right", "right", "left"], 600),
    ("bits: flip a bit of the mantissa", ["f2", *["right"] * 16], ["space", "right", "space", "right"], 6000),
    ("bits: flip a bit of the exponent", ["f2", *["left"] * 16], ["space", "space", "right", "space"], 6000),
    ("memory: change format or context", ["f1"], ["down", "right", "up", "left"], 6000),
    ("quantizer: one bit more or less", ["f3"], ["-", "+", "-", "+"], 6000),
    ("errors: zoom, the whole histogram", ["f4"], ["+", "-", "+", "-"], 6000),
    ("move the focus", ["f1"], ["tab", "tab", "tab", "shift+tab", "shift+tab", "shift+tab"], 3000),
    ("open the command palette", ["f1"], ["ctrl+p"], 14000),
    ("close it", [], ["escape"], 14000),
    ("switch the pane", ["f1", "f2", "f3", "f4"], ["f1", "f2", "f3", "f4"], 20000),
]


def terminal(command: list[str], size: tuple[int, int], home: str) -> Terminal:
    env = {name: home for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    return Terminal(command, columns=size[0], rows=size[1], persona=PERSONA, env=env)


def start(command: list[str], home: str, size: tuple[int, int] = (COLUMNS, ROWS)) -> tuple[Terminal, float]:
    """Open, and the milliseconds to the last byte of the first frame: what comes before a silence is one."""
    app = terminal(command, size, home)
    until = time.perf_counter() + 10
    while len(app.output) < FRAME and time.perf_counter() < until:
        app.pump(0.02)
    while app.pump(QUIET):
        pass
    shown = app.last_output
    app.settle(quiet=0.4)  # what is worked out meanwhile, such as what fits this machine
    return app, 1000 * (shown - app.started)


def leave(app: Terminal) -> None:
    app.press("ctrl+q")
    app.wait_end()


def starts(runs: int, home: str, ours: list[str], size: tuple[int, int] = (COLUMNS, ROWS)) -> tuple[float, float]:
    """Medians of the first frame, of the command `ours` and of the bare app."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for command, times in ((ours, seconds[0]), (BARE, seconds[1])):
            app, settled = start(command, home, size)
            times.append(settled)
            leave(app)
    return statistics.median(seconds[0]), statistics.median(seconds[1])


def answer(app: Terminal, name: str) -> float:
    """Milliseconds from a key to the last byte that it sends, up to a silence."""
    while app.pump(0.005):
        pass
    sent = time.perf_counter()
    before = len(app.output)
    app.press(name)
    until = sent + 0.4
    while (left := until - time.perf_counter()) > 0:
        if app.pump(left):
            until = app.last_output + QUIET
    return 1000 * (app.last_output - sent) if len(app.output) > before else 0.0


def answers(
    app: Terminal, bare: Terminal, keys: Sequence[str], least: Sequence[str], count: int
) -> list[list[float]]:
    """Milliseconds of `count` keys in turn, of qtui and of the bare app."""
    times: list[list[float]] = [[], []]
    for i in range(count):
        times[0].append(answer(app, keys[i % len(keys)]))
        times[1].append(answer(bare, least[i % len(least)]))
    return times


def late(times: list[float]) -> float:
    """The 95th percentile."""
    return sorted(times)[max(0, round(0.95 * len(times)) - 1)]


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


def json_starts(runs: int) -> dict[str, tuple[float, float]]:
    """Milliseconds of `qtui mem ASKED --json` and of Python importing argparse and json, for every question.

    Medians, over rounds through all of them.
    """
    python = [sys.executable, "-c", "import argparse, json"]
    times: dict[str, tuple[list[float], list[float]]] = {asked: ([], []) for asked in ASKED}
    env = os.environ | {"PYTHONPATH": str(HERE.parents[2])}
    for _ in range(runs):
        for asked, both in times.items():
            for command, spent in zip(([*SCRIPT, "mem", *asked.split(), "--json"], python), both, strict=True):
                began = time.perf_counter()
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=env)
                spent.append(1000 * (time.perf_counter() - began))
    return {asked: (statistics.median(ours), statistics.median(theirs)) for asked, (ours, theirs) in times.items()}


def measure(runs: int, count: int, idle_seconds: float, home: str) -> list[dict[str, Any]]:
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

    def compared(what: str, ours: float, theirs: float, who: str, limit: float) -> None:
        row(
            what,
            ours,
            "ms",
            f"{who} {theirs:.0f} ms" if theirs >= 10 else f"{who} {theirs:.1f} ms",
            limit,
            ours / theirs,
        )

    compared("first frame: the welcome", *starts(runs, home, FRESH), "bare", 1.25)
    compared("first frame: Memory", *starts(runs, home, [*QTUI, "mem", "--tui"]), "bare", 1.25)
    compared("first frame: Memory at 80×24", *starts(runs, home, [*QTUI, "mem", "--tui"], (80, 24)), "bare", 1.25)
    compared("first frame, the last session restored", *starts(runs, home, QTUI), "bare", 1.25)
    asked = json_starts(2 * runs)
    compared(f"qtui mem {ASKED[0]} --json", *asked[ASKED[0]], "python", 3)
    slowest = max(asked.values(), key=lambda pair: pair[0] / pair[1])
    compared(f"the slowest of {len(ASKED)} such questions", *slowest, "python", 3)
    bare, _ = start(BARE, home)
    app, _ = start(FRESH, home)
    above = resident(app.pid) - resident(bare.pid)
    row("resident memory above the bare app's, first pane", above, "MB", f"bare {resident(bare.pid):.0f} MB", 40)
    for what, there, keys, least in ANSWERS:
        for name in there:
            key(app, name)
            key(bare, name)
        ours, theirs = answers(app, bare, keys, least, count)
        compared(f"{what}: p95 of {count} keys", late(ours), late(theirs), "bare", 2.5)
    for what, there, keys, limit in ACTIONS:
        for name in there:
            key(app, name)
        costs = [key(app, name) for name in keys]
        row(what, max(size for size, _ in costs), "B", f"{statistics.median(ms for _, ms in costs):.0f} ms", limit)
    size, share = idle(app, idle_seconds)
    row("idle, bytes", size, "B", f"{idle_seconds:.0f} s", 0)
    row("idle, processor", share, "%", f"bare {idle(bare, idle_seconds)[1]:.2f} %", 0.5)
    above = resident(app.pid) - resident(bare.pid)
    row("resident memory above the bare app's, every pane seen", above, "MB", f"bare {resident(bare.pid):.0f} MB", 40)
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
    parser.add_argument("--keys", type=int, default=60, help="keys of each kind that are timed (60)")
    parser.add_argument("--idle", type=float, default=10, help="seconds of doing nothing (10)")
    parser.add_argument("--json", action="store_true", help="rows as JSON")
    args = parser.parse_args()
    with contextlib.redirect_stdout(sys.stderr):
        compileall.compile_dir(HERE.parents[2] / "qtui", quiet=1)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as home:
        rows = measure(args.runs, args.keys, args.idle, home)
    print(json.dumps(rows) if args.json else table(rows))


if __name__ == "__main__":
    main()
