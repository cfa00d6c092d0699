"""Printing into pipes, closed files and full disks; exit statuses that tell the truth."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.support.harness import ROOT

QTUI = [sys.executable, "-m", "qtui"]
ENV = os.environ | {"PYTHONPATH": str(ROOT)}


def shell(script: str) -> subprocess.CompletedProcess[str]:
    script = script.replace("qtui", f"{sys.executable} -m qtui")
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=ENV, timeout=120)


@pytest.mark.parametrize("command", ["qtui formats", "qtui mem 8B", "qtui formats --json"])
def test_a_reader_that_leaves_is_no_error(command: str) -> None:
    done = shell(f"{command} | head -c 10 >/dev/null; echo ${{PIPESTATUS[0]}}")
    assert done.stdout.strip() in ("0", "141") and done.stderr == ""


def test_a_full_disk_is_told() -> None:
    done = shell("qtui formats > /dev/full")
    assert done.returncode == 1
    assert done.stderr == "qtui: the output could not be written: No space left on device\n"


def test_a_closed_stdout_is_a_failure() -> None:
    assert shell("qtui formats >&-").returncode == 1


@pytest.mark.parametrize("command", [["mem", "nosuchmodel"], ["zzz"], ["mem", "--ctx", "x"], ["formats", "zzzz"]])
def test_bad_input_is_one_line_and_status_2(command: list[str]) -> None:
    done = subprocess.run([*QTUI, *command], capture_output=True, text=True, env=ENV)
    assert done.returncode == 2 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("qtui")


def test_the_app_needs_a_terminal() -> None:
    for command in ([], ["formats", "--tui"]):
        done = subprocess.run([*QTUI, *command], capture_output=True, text=True, env=ENV, stdin=subprocess.DEVNULL)
        assert done.returncode == 2 and "needs a terminal" in done.stderr and "Traceback" not in done.stderr


def test_mem_json_loads_little() -> None:
    """What may not be imported for `qtui mem --json`; how long the rest takes, a benchmark tells."""
    listing = "import os, sys; os._exit = lambda s: print(*sys.modules, file=sys.stderr)"
    code = f"{listing}; sys.argv = ['qtui', 'mem', '8B', '--json']; import qtui.__main__ as m; m.main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=ENV, check=True)
    assert json.loads(done.stdout)["weights_bytes"] > 0
    loaded = set(done.stderr.split())
    assert not loaded & {"textual", "rich", "numpy", "ast", "dis", "shutil", "pathlib", "asyncio", "subprocess"}
    assert "qtui.cli.launch" not in loaded and "qtui.cli.printing" not in loaded


def test_a_module_is_deferred_until_used() -> None:
    code = (
        "import qtui.__main__ as m, sys; sys.modules['inspect'] = m.Deferred('inspect'); import dataclasses, inspect;"
        "assert 'ast' not in sys.modules; print(inspect.signature(dataclasses.field)); assert 'ast' in sys.modules;"
        "import inspect as again; print(again.isclass(int), dataclasses.inspect.isclass(int))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=ENV, check=True)
    assert done.stdout.splitlines()[1] == "True True"


def test_what_dataclasses_ask_of_inspect_is_answered_without_it() -> None:
    code = (
        "import qtui.__main__ as m, sys; sys.modules['inspect'] = m.DeferredInspect('inspect'); import inspect;"
        "A = type('A', (), {'__annotations__': {'x': int}}); B = type('B', (A,), {});"
        "print(inspect.get_annotations(A), inspect.get_annotations(B), 'ast' in sys.modules);"
        "f = lambda: 0; f.__annotations__ = {'y': str}; print(inspect.get_annotations(f), 'ast' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=ENV, check=True)
    assert done.stdout.splitlines() == ["{'x': <class 'int'>} {} False", "{'y': <class 'str'>} True"]
