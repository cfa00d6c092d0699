"""qtui on systems that lack what POSIX has: every module can be imported, the app opens, commands answer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# Taken away after the standard library and Textual have been imported, which know what each system has. In the place
# of Windows' own driver stands Textual's headless one.
WITHOUT_POSIX = """
import asyncio, importlib, os, pkgutil, signal, sys
import numpy, psutil, textual.app, textual.drivers.headless_driver

textual.app.App.get_driver_class = lambda self: textual.drivers.headless_driver.HeadlessDriver
for name in ("termios", "fcntl", "resource", "pwd", "grp", "pty", "tty", "textual.drivers.linux_driver"):
    sys.modules[name] = None
for name in ("SIGTSTP", "SIGHUP", "SIGQUIT", "SIGWINCH", "SIGUSR1", "SIGUSR2", "SIGCONT", "SIGPIPE", "SIGBUS"):
    delattr(signal, name)
for name in (
    "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_NOFOLLOW", "ttyname", "pread", "preadv", "posix_fadvise", "nice",
    "sched_getaffinity", "getuid", "geteuid", "fork", "sysconf", "waitid", "statvfs", "uname",
):
    delattr(os, name)
os.process_cpu_count = os.cpu_count  # from Python 3.13 on; on POSIX it asks for the affinity

import qtui

# These alone need POSIX: the driver has Textual's as its fallback, the others serve a class's terminals.
NEED_POSIX = ("qtui.__main__", "qtui.tui.terminal.driver", "qtui.teach", "qtui.cli.student", "qtui.cli.teach")
NEED_POSIX += ("qtui.tui.follow.enter", "qtui.tui.follow.onlooker", "qtui.tui.terminal.bare")
for module in pkgutil.walk_packages(qtui.__path__, "qtui.", onerror=lambda name: None):
    if not module.name.startswith(NEED_POSIX):
        importlib.import_module(module.name)

from qtui.cli.main import run
from qtui.tui.app import QtuiApp
from tests.support.screens import press


async def visit_every_pane():
    app = QtuiApp()
    async with app.run_test(size=(80, 24)) as pilot:
        for key, command in (("f1", "mem"), ("f2", "bits"), ("f3", "quantize"), ("f4", "errors"), ("f5", "quality")):
            await press(pilot, key)
            assert app.pane is not None and app.pane.scenario.command == command
    assert app.driver_class is textual.drivers.headless_driver.HeadlessDriver


asyncio.run(visit_every_pane())
for words in COMMANDS:
    assert run(words.split()) == 0, words
"""
COMMANDS = (
    "mem Qwen3-8B --json",
    "mem Qwen3-8B --machine H200",
    "bits 0.1 --json",
    "quantize 0.1 -0.2 0.7 --format int4",
    "errors --json --format Q4_0",
    "formats q4",
    "quality --lesson noise --json",
)


def test_it_runs_without_what_only_posix_has(tmp_path: Path) -> None:
    program = WITHOUT_POSIX.replace("COMMANDS", repr(COMMANDS))
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
