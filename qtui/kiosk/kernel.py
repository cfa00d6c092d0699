"""What a process asks Linux to refuse to it and to all that it starts. There is no way back from any of it.

Landlock (Linux 5.13 and later) refuses by path whatever opens, makes, moves or runs files, later versions also TCP
connections and signals to others. The numbers are those of include/uapi/linux/landlock.h and prctl.h.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Iterable, Iterator

from qtui.kiosk.guard import code_folders

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture but Alpha
SET_DUMPABLE, SET_NO_NEW_PRIVS = 4, 38

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE, IOCTL_DEV = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV  # the rights that a file can have
READ = READ_FILE | READ_DIR
HANDLED = {1: 13, 2: 14, 3: 15, 5: 16}  # bits of rights on files, by the version that brought them
TCP, SIGNALS_AND_SOCKETS = 0b11, 0b11  # since versions 4 and 6

READABLE = ("/proc", "/sys", "/etc/os-release", "/etc/localtime", "/etc/ld.so.cache", "/usr/share/zoneinfo")
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store")
DEVICES = ("/dev/null", "/dev/tty", "/dev/urandom", "/dev/random")

MEMORY = 4 << 30  # bytes that a process may make its own, beside the files that it maps
FILES = 512  # that it may have open


class Ruleset(ctypes.Structure):
    """What a set of rules is about."""

    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64)]


class PathRule(ctypes.Structure):
    """What is allowed beneath a path."""

    _pack_ = 1
    _fields_ = [("rights", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def confine(folders: Iterable[str]) -> tuple[str, ...]:
    """Refuse this process all but reading `folders`, Python's own files and the machine's figures; what holds now."""
    if not sys.platform.startswith("linux"):
        return ()
    version = _landlock(folders)
    words = ["files", *(["TCP"] if version >= 4 else []), *(["signals"] if version >= 6 else [])]
    layers = [f"Landlock {version} ({', '.join(words)})"] if version else []
    if _limits():
        layers.append("limits")
    if hide():
        layers.append("no new privileges")
    return tuple(layers)


def hide() -> bool:
    """Gain no privilege by running a program, and be examined by no other process of this account."""
    call = ctypes.CDLL(None, use_errno=True).prctl
    return int(call(SET_NO_NEW_PRIVS, 1, 0, 0, 0)) == 0 and int(call(SET_DUMPABLE, 0, 0, 0, 0)) == 0


def _limits() -> bool:
    import resource

    limits = [
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_DATA, MEMORY),
        (resource.RLIMIT_NOFILE, FILES),
    ]
    try:
        for what, most in limits:
            hard = resource.getrlimit(what)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(what, (most, most))
    except (OSError, ValueError):
        return False
    return True


def _landlock(folders: Iterable[str]) -> int:
    """Restrict this thread and those that it will start; the version of Landlock, 0 where the kernel has none."""
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    version = int(syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1))
    if version < 1:
        return 0
    handled = (1 << max(bits for since, bits in HANDLED.items() if since <= version)) - 1
    rules = Ruleset(handled, TCP if version >= 4 else 0, SIGNALS_AND_SOCKETS if version >= 6 else 0)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = int(syscall(CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), 0))
    if ruleset < 0:
        return 0
    try:
        for path, rights in _allowed(folders):
            _allow(syscall, ruleset, path, rights & handled)
        if not hide() or syscall(RESTRICT_SELF, ruleset, 0):
            return 0
    finally:
        os.close(ruleset)
    return version


def _allowed(folders: Iterable[str]) -> Iterator[tuple[str, int]]:
    """What may still be reached, with the rights on it."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for path in (*folders, *code_folders(), package, *LIBRARIES, *READABLE):
        yield path, READ
    yield os.path.join(sys.prefix, "pyvenv.cfg"), READ
    for path in DEVICES:
        yield path, READ | WRITE_FILE | IOCTL_DEV
    for path in (sys.executable, *_loaded()):
        yield path, READ | EXECUTE


def _loaded() -> set[str]:
    """Files of which code runs in this process: Python's libraries, and the loader that runs it."""
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
        paths = re.findall(r"^\S+ ..x. .*?(/\S+)$", maps.read(), re.MULTILINE)
    return {path for path in paths if os.path.isfile(path)}


def _allow(syscall: ctypes._NamedFuncPointer, ruleset: int, path: str, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not on this system, so it can't be reached either
        return
    try:
        rule = PathRule(rights if os.path.isdir(path) else rights & ON_FILES, handle)
        syscall(ADD_RULE, ruleset, 1, ctypes.byref(rule), 0)
    finally:
        os.close(handle)
