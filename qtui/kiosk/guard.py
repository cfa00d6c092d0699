"""The audit hook of a kiosk: Python tells it of each step that it knows to be delicate before it is taken (PEP 578).

It holds for code written in Python, from which it can't be removed. Some calls Python does not report (`os.mkfifo`),
and machine code never asks: that is what `kernel` is for.
"""

from __future__ import annotations

import errno
import os
import re
import sys
import sysconfig
from collections.abc import Iterable
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

# Programs, connections, signals, foreign code, and changing or examining files by other means than opening them.
FORBIDDEN = re.compile(
    r"(os|shutil|tempfile|subprocess|pty|socket|sqlite3|ctypes|resource|syslog|signal|urllib|http|ftplib"
    r"|smtplib|imaplib|poplib|nntplib|telnetlib|webbrowser|ensurepip|pdb|sys\.remote_exec)\..*|sys\.remote_exec"
)
# What telling the machine's memory and processors takes.
MACHINE = re.compile(
    r"/proc/(meminfo|cpuinfo|stat|vmstat|uptime|version|mounts|zoneinfo|driver/nvidia/[^.]*"
    r"|(self|\d+)/(stat|statm|status|cgroup|limits|mounts|mountinfo))"
    r"|/sys/(fs/cgroup|devices|class|bus|module)/.*|/etc/(os-release|localtime)|/usr/share/zoneinfo/.*|/dev/u?random"
)
# Files of programs that Python reads when it imports them.
CODE = (".py", ".pyc", ".so", ".pth", ".tcss", os.sep + "METADATA", os.sep + "entry_points.txt")
PUSHED = frozenset((0x5412, 0x541C))  # TIOCSTI and TIOCLINUX: what they are given the terminal takes for typed
# The processes that measure a model file are qtui's own, started with just this.
OWN_WORKER = ("-c", "from qtui.scenario.errors.worker import main; main()")


def code_folders() -> tuple[str, ...]:
    """Where the code of Python and of its packages lies."""
    paths = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    paths += [entry for entry in sys.path if os.path.isabs(entry)]
    return tuple(dict.fromkeys(os.path.realpath(path) for path in paths if path and os.path.isdir(path)))


class Guard:
    """Refuses by PermissionError. `folders` are the ones whose files may be read, `sockets` may be connected to."""

    def __init__(self, folders: Iterable[str], sockets: Iterable[str] = ()) -> None:
        self.folders = tuple(os.path.abspath(folder) for folder in folders)
        self._sockets = frozenset(sockets)
        real = [os.path.realpath(folder) for folder in self.folders]
        package = os.path.realpath(os.path.dirname(os.path.dirname(__file__)))
        models = os.path.join(package, "models", "lm")  # the small language model and its text
        self._offered = tuple(os.path.join(folder, "") for folder in (*self.folders, *real, models))
        self._readable = tuple(os.path.join(folder, "") for folder in (*real, package))
        self._code = tuple(os.path.join(folder, "") for folder in code_folders())

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Raise PermissionError where `event` is not for a kiosk."""
        if event == "open":
            self._open(args[0], args[2])
        elif event == "qtui.path":
            self._offer(args[0])
        elif event in ("os.listdir", "os.scandir"):
            if not isinstance(args[0], int) and not self._may_list(args[0] or "."):
                raise self._refusal(args[0])
        elif event == "fcntl.ioctl":
            if args[1] & 0xFFFFFFFF in PUSHED:
                raise PermissionError(errno.EPERM, "not in a kiosk")
        elif event == "socket.connect" and isinstance(args[1], str) and args[1] in self._sockets:
            return  # a path: a socket of the file system
        elif FORBIDDEN.fullmatch(event) and not _harmless(event, args):
            raise PermissionError(errno.EPERM, "not in a kiosk")

    def _offer(self, path: Any) -> None:
        """A path that a person gave: refused by its name alone where that is outside, whatever is there."""
        name = os.path.abspath(os.fsdecode(path))
        inside = os.path.join(name, "").startswith(self._offered)
        if not inside or not os.path.join(os.path.realpath(name), "").startswith(self._offered):
            raise self._refusal(path)

    def _open(self, path: Any, flags: int | None) -> None:
        if isinstance(path, int) or path in ("/dev/null", "/dev/tty"):
            return
        if (flags or 0) & WRITES:
            raise PermissionError(errno.EPERM, "nothing is written in a kiosk", os.fsdecode(path))
        real = os.path.realpath(os.fsdecode(path))
        is_code = real.startswith(self._code) and real.endswith(CODE)
        if not (is_code or real.startswith(self._readable) or MACHINE.fullmatch(real)):
            raise self._refusal(path)

    def _may_list(self, path: Any) -> bool:
        real = os.path.realpath(os.fsdecode(path))
        folder = os.path.join(real, "")
        return folder.startswith((*self._code, *self._readable)) or MACHINE.fullmatch(real) is not None

    def _refusal(self, path: Any) -> PermissionError:
        where = ", ".join(self.folders)
        reason = f"a kiosk opens only files in {where}" if where else "a kiosk opens no files"
        return PermissionError(errno.EACCES, reason, os.fsdecode(path or "."))


def _harmless(event: str, args: tuple[Any, ...]) -> bool:
    """Whether this is something that the app does itself."""
    if event in ("subprocess.Popen", "os.posix_spawn"):  # from Python 3.13 on the one uses the other
        return os.fspath(args[0]) == sys.executable and tuple(args[1][1:]) == OWN_WORKER
    if event == "os.kill":
        return args[0] == os.getpid() or _is_child(args[0])
    if event in ("os.putenv", "os.unsetenv"):  # numpy does, while it is imported
        return True
    if event == "socket.__new__":
        return hasattr(os, "fork") and int(args[1]) == 1  # AF_UNIX: a pair of them wakes the app's loop
    if event == "ctypes.dlopen":
        return args[0] is None  # what is loaded already; its functions have to be looked up
    return event == "ctypes.dlsym" and args[1] == "malloc_trim"


def _is_child(pid: int) -> bool:
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except (ChildProcessError, OverflowError, AttributeError):  # AttributeError: a system without waitid
        return False
    return pid > 0
