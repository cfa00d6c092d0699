"""The audit hook: whatever is tried, nothing is written, started, connected to, or read outside the folders."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.harness import ROOT

ATTEMPTS = [
    "open('{out}/file', 'w')",
    "open('{folder}/model', 'a')",
    "open('{folder}/model', 'r+b')",
    "os.open('{out}/file', os.O_CREAT | os.O_WRONLY)",
    "pathlib.Path('{out}/file').write_text('x')",
    "os.remove('{folder}/model')",
    "os.rename('{folder}/model', '{folder}/other')",
    "os.mkdir('{out}/new')",
    "os.chmod('{folder}/model', 0o777)",
    "os.utime('{folder}/model')",
    "os.truncate('{folder}/model', 0)",
    "os.link('{folder}/model', '{out}/model')",
    "os.symlink('{folder}/model', '{out}/model')",
    "os.chdir('/')",
    "os.fchdir(0)",
    "os.listxattr('{folder}/model')",
    "open('/etc/passwd')",
    "open('/proc/self/environ', 'rb')",
    "open('/proc/1/cmdline', 'rb')",
    "open('{folder}/../secret')",
    "open('{folder}/link')",
    "open(os.path.join(sysconfig.get_path('stdlib'), 'LICENSE.txt'))",
    "open(os.path.join(sys.base_prefix, 'share'))",
    "open(sys.executable, 'rb')",
    "os.listdir('{out}')",
    "os.listdir(sys.base_prefix)",
    "list(os.scandir('/home'))",
    "next(os.walk('/etc'))",
    "subprocess.run(['sh'])",
    "subprocess.Popen([sys.executable, '-c', 'print(1)'])",
    "os.system('sh')",
    "os.execv('/bin/sh', ['sh'])",
    "os.fork()",
    "os.posix_spawn('/bin/sh', ['sh'], {{}})",
    "pty.spawn('sh')",
    "os.kill(os.getppid(), 0)",
    "os.killpg(0, 0)",
    "signal.pthread_kill(threading.get_ident(), 0)",
    "socket.create_connection(('127.0.0.1', 9), 1)",
    "socket.getaddrinfo('example.org', 443)",
    "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "socket.socket(socket.AF_UNIX).connect('/run/x')",
    "socket.socketpair()[0].sendmsg([b'x'], [], 0, '/run/x')",
    "socket.gethostname()",
    "sqlite3.connect(':memory:')",
    "ctypes.CDLL('libc.so.6')",
    "ctypes.CDLL(None).system",
    "ctypes.string_at(id(1), 8)",
    "fcntl.ioctl(0, 0x5412, b'x')",
    "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))",
    "tempfile.mkstemp(dir={out!r})",
]
HARMLESS = [
    "print(open('{folder}/model').read(), sorted(os.listdir('{folder}')))",
    "import numpy, psutil; psutil.virtual_memory(); psutil.cpu_count(False); print(numpy.ones(3).sum())",
    "from qtui.models.machine.detect import detect; print(detect().ram_total > 0)",
    "import asyncio; asyncio.new_event_loop().close()",
    "from qtui.tui.terminal.tidy import give_back_memory; give_back_memory()",
    "from qtui.scenario.errors.pool import Pool; Pool(1).close()",
    "print(ctypes.CDLL(None).malloc_trim(0) >= 0)",
]
MODULES = "ctypes fcntl os pathlib pty resource signal socket sqlite3 subprocess sys sysconfig tempfile threading"


def run(lines: list[str]) -> str:
    code = "\n".join(["import " + MODULES.replace(" ", ", "), *lines])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)})
    return done.stdout + done.stderr


def attempts(code: list[str], refused: str) -> list[str]:
    """Lines that try each of `code` and print what is not refused by the exception `refused`."""
    lines = []
    for item in code:
        lines += ["try:", f"    {item}", f"    print('ALLOWED', {item!r})", f"except {refused}: pass"]
        lines += [f"except BaseException as error: print('OTHER', {item!r}, repr(error))"]
    return lines


def test_every_way_out_is_closed(folders: dict[str, str]) -> None:
    """By the hook alone, as on a system whose kernel refuses nothing."""
    lines = ["from qtui.kiosk.guard import Guard", f"sys.addaudithook(Guard([{folders['folder']!r}]))"]
    lines += attempts([attempt.format(**folders) for attempt in ATTEMPTS], "PermissionError")
    shown = run([*lines, *(line.format(**folders) for line in HARMLESS)])
    assert shown.splitlines() == ["weights ['link', 'model']", "3.0", "True", "True"], shown
    assert not list(Path(folders["out"]).iterdir())


def test_outside_the_folders_every_path_gets_the_same_answer(folders: dict[str, str], tmp_path: Path) -> None:
    """Whether it exists, what it is and who may read it is not told, nor looked up."""
    (tmp_path / "models-too").mkdir()
    outside = [
        "/etc",
        "/etc/passwd",
        "/etc/shadow",
        "/nowhere",
        "/dev/zero",
        "{out}",
        "{folder}/../secret",
        "relative",
    ]
    outside += ["{folder}/link", "{folder}-too", "{folder}-too/x", "/etc/passwd/x", "~root/x", "/" + "x" * 300]
    paths = [path.format(**folders) for path in outside]
    lines = ["from qtui.kiosk import close_doors", f"close_doors([{folders['folder']!r}])"]
    lines += [
        "from qtui.models.catalogue.resolve import resolve_all",
        "from qtui.models.files.open import open_model",
    ]
    lines += ["from qtui.models.files.imatrix import read_imatrix", "from qtui.scenario.errors.file import open_file"]
    lines += [
        "def told(what, path):",
        "    try: what(path)",
        "    except ValueError as error: return str(error).replace(path, 'PATH')",
        f"for path in {paths!r}:",
        "    print(told(open_model, path), '|', told(open_file, path), '|', told(read_imatrix, path), end=' | ')",
        "    print(told(lambda p: resolve_all([p]), path))",
    ]
    answers = run(lines).splitlines()
    assert len(answers) == len(paths) and len(set(answers)) == 1, "\n".join(answers)
    assert answers[0].count(f"PATH: a kiosk opens only files in {folders['folder']}") == 3


def test_of_sockets_only_the_one_of_its_class_can_be_reached(tmp_path: Path) -> None:
    lines = ["from qtui.kiosk.guard import Guard", f"sys.addaudithook(Guard([], [{str(tmp_path / 'class')!r}]))"]
    lines += ["end = socket.socket(socket.AF_UNIX)", "try: end.connect('" + str(tmp_path / "class") + "')"]
    lines += ["except FileNotFoundError: print('tried')"]
    others = [str(tmp_path / "other"), str(tmp_path / "class/../class"), "class", "\0class", "/run/x"]
    lines += attempts(
        [*(f"socket.socket(socket.AF_UNIX).connect({path!r})" for path in others), "end.bind('/tmp/x')"],
        "PermissionError",
    )
    lines += attempts([f"socket.socket(socket.AF_UNIX).connect({str(tmp_path / 'class').encode()!r})"], "OSError")
    assert run(lines) == "tried\n"
