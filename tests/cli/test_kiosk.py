"""The kiosk: whatever is tried, nothing is written, started, connected to, or read outside the allowed folders."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.harness import ROOT, Terminal

STUB = [sys.executable, str(ROOT / "tests/support/stub.py")]

ATTEMPTS = [
    "open('{out}/file', 'w')",
    "open('{folder}/model', 'a')",
    "open('{folder}/model', 'r+b')",
    "os.open('{out}/file', os.O_CREAT | os.O_WRONLY)",
    "pathlib.Path('{out}/file').write_text('x')",
    "os.remove('{folder}/model')",
    "os.rename('{folder}/model', '{folder}/other')",
    "os.mkdir('{out}/new')",
    "open('/etc/passwd')",
    "open('/proc/self/environ', 'rb')",
    "open('/proc/1/cmdline', 'rb')",
    "open('{folder}/../secret')",
    "open('{folder}/link')",
    "os.listdir('{out}')",
    "list(os.scandir('/home'))",
    "subprocess.run(['sh'])",
    "subprocess.Popen([sys.executable, '-c', 'print(1)'])",
    "os.system('sh')",
    "os.execv('/bin/sh', ['sh'])",
    "os.fork()",
    "os.posix_spawn('/bin/sh', ['sh'], {{}})",
    "pty.spawn('sh')",
    "socket.create_connection(('127.0.0.1', 9), 1)",
    "socket.getaddrinfo('example.org', 443)",
]


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    folder, out = tmp_path / "models", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    (folder / "model").write_text("weights")
    (tmp_path / "secret").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    return {"folder": folder, "out": out}


def test_every_way_out_is_closed(folders: dict[str, Path]) -> None:
    lines = [
        "import os, pathlib, pty, socket, subprocess, sys",
        "from qtui.cli.kiosk import close_doors",
        f"close_doors([{str(folders['folder'])!r}])",
    ]
    for attempt in ATTEMPTS:
        code = attempt.format(**folders)
        lines += ["try:", f"    {code}", f"    print('ALLOWED', {code!r})", "except PermissionError: pass"]
    lines += [
        f"print(open('{folders['folder']}/model').read(), sorted(os.listdir({str(folders['folder'])!r})))",
        "import numpy, psutil; psutil.virtual_memory(); psutil.cpu_count(False); print(numpy.ones(3).sum())",
        "from qtui.models.machine.detect import detect; print(detect().ram_total > 0)",
    ]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)}
    )
    assert done.stdout.splitlines() == ["weights ['link', 'model']", "3.0", "True"], done.stdout + done.stderr
    assert not list(folders["out"].iterdir())


def test_the_app_in_a_kiosk(tmp_path: Path) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)}
    with Terminal([*STUB, "plain", "--kiosk"], env=env, cwd=tmp_path) as terminal:
        terminal.wait_for("result hello")
        for key in ("s", "ctrl+z"):
            terminal.press(key)
            terminal.wait_for("not in a kiosk")
            terminal.press("right", "left")  # so that the line is said anew
            terminal.settle()
        terminal.kill(signal.SIGTSTP)
        terminal.press("ctrl+p")
        shown = terminal.wait_for("Copy as command")
        assert "Save" not in shown and "Suspend" not in shown
        terminal.press("escape")
        terminal.settle()
        terminal.press("q")
        assert terminal.wait_end() == 0
    assert not list(tmp_path.iterdir())


def test_a_crash_in_a_kiosk_writes_nothing(tmp_path: Path) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)}
    with Terminal([*STUB, "crash", "--kiosk"], env=env) as terminal:
        assert terminal.wait_end() == 1
        assert "ZeroDivisionError" in terminal.text()
    assert not list(tmp_path.iterdir())


def test_it_leaves_when_nobody_types(tmp_path: Path) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    with Terminal([*STUB, "plain", "--kiosk", "--kiosk-idle", "0.02"], env=env) as terminal:
        terminal.wait_for("still there?")
        assert terminal.wait_end() == 0
        assert "nobody typed" in terminal.text() and not terminal.modes_left_on()


@pytest.mark.parametrize("options", [["--kiosk-dir", "/tmp"], ["--kiosk", "--kiosk-dir", "/nowhere"]])
def test_wrong_options_are_told(options: list[str]) -> None:
    with Terminal([sys.executable, "-m", "qtui", *options]) as terminal:
        assert terminal.wait_end() == 2
        assert "--kiosk-dir" in terminal.text()
