"""What the operating system refuses to a kiosk, to any code in it and to its workers; without the audit hook."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.harness import ROOT

MODULES = "ctypes os resource signal socket sqlite3 stat subprocess sys"
FILES = [
    "open('{out}/file', 'w')",
    "open('{folder}/model', 'a')",
    "os.mkfifo('{out}/fifo')",
    "os.mknod('{out}/node', stat.S_IFREG)",
    "os.mkdir('{out}/new')",
    "os.symlink('/', '{out}/link')",
    "os.link('{folder}/model', '{out}/hard')",
    "os.remove('{folder}/model')",
    "os.rename('{folder}/model', '{folder}/other')",
    "os.truncate('{folder}/model', 0)",
    "open('/etc/passwd')",
    "open('{folder}/link')",
    "os.listdir('{out}')",
    "os.listdir('/etc')",
    "open('/etc/ssl/openssl.cnf', 'a')",
    "subprocess.run(['/bin/sh', '-c', 'true'])",
    "subprocess.run(['/usr/bin/env'])",
]
OTHERS = {
    4: ["socket.create_connection(('127.0.0.1', 9), 1)", "socket.create_server(('127.0.0.1', 0))"],
    6: ["os.kill(os.getppid(), 0)", "os.kill(1, signal.SIGCONT)"],
}
IN_MACHINE_CODE = """
import ctypes, os
call = ctypes.CDLL(None, use_errno=True)
for what, done in (
    ('creat', call.open(b'{out}/c', os.O_CREAT | os.O_WRONLY, 0o600)),
    ('mkfifo', call.mkfifo(b'{out}/f', 0o600)),
    ('system', call.system(b'true > {out}/s')),
    ('read', call.open(b'/etc/passwd', os.O_RDONLY)),
):
    if done == 0 or done > 0 and what != 'system':
        print('ALLOWED', what, done)
"""


def landlock() -> int:
    """The version that this kernel has; 0 or less for none."""
    if not sys.platform.startswith("linux"):
        return 0
    return int(ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1))


needs_landlock = pytest.mark.skipif(landlock() < 1, reason="this kernel has no Landlock")


def run(folder: str, lines: list[str]) -> str:
    code = ["import " + MODULES.replace(" ", ", "), "from qtui.kiosk.kernel import confine", f"confine([{folder!r}])"]
    environment = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", "\n".join([*code, *lines])], capture_output=True, text=True, env=environment
    )
    return done.stdout + done.stderr


def attempts(code: list[str], folders: dict[str, str]) -> list[str]:
    lines = []
    for item in (line.format(**folders) for line in code):
        lines += ["try:", f"    {item}", f"    print('ALLOWED', {item!r})", "except PermissionError: pass"]
        lines += [f"except BaseException as error: print('OTHER', {item!r}, repr(error))"]
    return lines


@needs_landlock
def test_files_and_programs(folders: dict[str, str]) -> None:
    assert run(folders["folder"], attempts(FILES, folders)) == ""
    assert not list(Path(folders["out"]).iterdir()) and Path(folders["folder"], "model").read_text() == "weights"


@needs_landlock
@pytest.mark.parametrize("version", OTHERS)
def test_connections_and_signals(version: int, folders: dict[str, str]) -> None:
    if landlock() < version:
        pytest.skip(f"this kernel has Landlock {landlock()}")
    assert run(folders["folder"], attempts(OTHERS[version], folders)) == ""


@needs_landlock
def test_machine_code_and_workers(folders: dict[str, str]) -> None:
    """What a process starts has the same walls, whatever language it speaks."""
    inner = IN_MACHINE_CODE.format(**folders)
    again = f"print(subprocess.run([sys.executable, '-c', {inner!r}]).returncode)"
    assert run(folders["folder"], [inner, again]) == "0\n"
    assert not list(Path(folders["out"]).iterdir())


def test_what_the_app_needs_still_works(folders: dict[str, str]) -> None:
    lines = [
        f"print(open({folders['folder'] + '/model'!r}).read(), os.listdir({folders['folder']!r}) != [])",
        "import numpy, psutil; print(numpy.ones(3) @ numpy.ones(3), psutil.cpu_count() > 0)",
        "from qtui.models.machine.detect import detect; print(detect().ram_total > 0)",
        "import textual.app, qtui.tui.app, rich.console, unicodedata, lzma, ssl, decimal; print('imported')",
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(9)'], stdin=subprocess.DEVNULL)",
        "child.kill(); print(child.wait())",
        "from qtui.scenario.errors.pool import Pool; Pool(2).close(); print('workers')",
    ]
    wanted = ["weights True", "3.0 True", "True", "imported", "-9", "workers"]
    assert run(folders["folder"], lines).splitlines() == wanted


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux")
def test_limits_and_privileges(folders: dict[str, str]) -> None:
    lines = [
        "print([resource.getrlimit(what) for what in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE)])",
        "print(resource.getrlimit(resource.RLIMIT_DATA)[1] <= 4 << 30, ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))",
        "print('NoNewPrivs:\\t1' in open('/proc/self/status').read())",
        "handle = os.memfd_create('x'); print(handle > 2)",
        "from qtui.kiosk import close_doors_of_worker, VARIABLE; os.environ[VARIABLE] = '/'; close_doors_of_worker()",
        "try: os.system('true')",
        "except PermissionError: print('refused')",
    ]
    assert run(folders["folder"], lines).splitlines() == ["[(0, 0), (0, 0)]", "True 0", "True", "True", "refused"]


def test_it_says_what_holds(folders: dict[str, str]) -> None:
    code = "from qtui.kiosk import close_doors; print(', '.join(close_doors(['/tmp'])))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)})
    layers = done.stdout.strip()
    assert layers.startswith("audit hook") and ("Landlock" in layers) == (landlock() > 0), done.stderr
    if sys.platform.startswith("linux"):
        assert layers.endswith("limits, no new privileges")
