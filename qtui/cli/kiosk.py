"""The kiosk: qtui for strangers, as the only program of an SSH account.

Whatever the panes do, nothing is written, no program is started, no connection is made, and no file is opened
outside the folders that were allowed. Python tells an audit hook of each of these before it happens (PEP 578), so the
rule stands in one place; once added a hook can't be removed. It guards against the ways of this program, not against
machine code: the account, its limits and sshd's own settings remain the walls.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Iterable
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

# Starting programs, connecting, and changing files by other means than opening them.
FORBIDDEN = re.compile(
    r"subprocess\.|os\.(system|exec|spawn|posix_spawn|fork|forkpty|startfile|remove|rename|rmdir|mkdir|link|symlink|"
    r"truncate|chmod|chown|chflags|utime|setxattr|removexattr)|pty\.spawn|shutil\.|tempfile\.|"
    r"socket\.(connect|bind|sendto|getaddrinfo|gethostby)|urllib\.|http\.|ftplib\.|smtplib\.|webbrowser\."
)
# What telling the machine's memory and processors takes.
MACHINE = re.compile(
    r"/proc/(meminfo|cpuinfo|stat|vmstat|uptime|version|mounts|zoneinfo|driver/nvidia/[^.]*"
    r"|(self|\d+)/(stat|statm|status|cgroup|limits|mounts|mountinfo))"
    r"|/sys/(fs/cgroup|devices|class|bus|module)/.*|/etc/(os-release|localtime)|/usr/share/zoneinfo/.*|/dev/u?random"
)
# The processes that measure a model file are qtui's own, started with just this.
OWN_WORKER = ("-c", "from qtui.scenario.errors.worker import main; main()")


class Guard:
    """An audit hook. `folders` are the ones whose files may be read."""

    def __init__(self, folders: Iterable[str]) -> None:
        self.folders = tuple(os.path.realpath(folder) for folder in folders)
        package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        roots = (sys.prefix, sys.base_prefix, package, *(entry for entry in sys.path if os.path.isabs(entry)))
        self._readable = tuple(os.path.join(os.path.realpath(root), "") for root in (*roots, *self.folders))

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Raise PermissionError where `event` is not for a kiosk."""
        if event == "open":
            self._open(args[0], args[2])
        elif event in ("os.listdir", "os.scandir"):
            if not isinstance(args[0], int) and not self._may_read(args[0] or "."):
                raise self._refusal(args[0])
        elif FORBIDDEN.match(event) and not (event == "subprocess.Popen" and _own_worker(args)):
            raise PermissionError(errno.EPERM, "not in a kiosk")

    def _open(self, path: Any, flags: int | None) -> None:
        if isinstance(path, int) or path in ("/dev/null", "/dev/tty"):
            return
        if (flags or 0) & WRITES:
            raise PermissionError(errno.EPERM, "nothing is written in a kiosk", os.fsdecode(path))
        if not self._may_read(path):
            raise self._refusal(path)

    def _may_read(self, path: Any) -> bool:
        real = os.path.realpath(os.fsdecode(path))
        return (real + os.sep).startswith(self._readable) or MACHINE.fullmatch(real) is not None

    def _refusal(self, path: Any) -> PermissionError:
        where = ", ".join(self.folders)
        told = f"a kiosk opens only files in {where}" if where else "a kiosk opens no files"
        return PermissionError(errno.EACCES, told, os.fsdecode(path or "."))


def _own_worker(args: tuple[Any, ...]) -> bool:
    executable, command = args[0], args[1]
    return os.fspath(executable) == sys.executable and tuple(command[1:]) == OWN_WORKER


def close_doors(folders: Iterable[str]) -> None:
    """Be a kiosk from now on; files in `folders` may be opened."""
    sys.dont_write_bytecode = True
    sys.addaudithook(Guard(folders))
