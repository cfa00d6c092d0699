"""Where qtui keeps its own few files, after the XDG base directory specification, and how they are read and written.

Paths are texts here, since importing pathlib takes a good part of what `qtui mem --json` may take in all.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import stat
from typing import Any

LARGEST = 1 << 20  # bytes of one of these files


def _home(variable: str, otherwise: str) -> str:
    # The specification: a relative path in one of these variables is invalid and is to be ignored.
    given = os.environ.get(variable, "")
    base = given if os.path.isabs(given) else os.path.join(os.path.expanduser("~"), otherwise)
    return os.path.join(base, "qtui")


def config_file() -> str:
    """The settings a person writes by hand."""
    return os.path.join(_home("XDG_CONFIG_HOME", ".config"), "config.toml")


def state_file(name: str) -> str:
    """A file of what qtui remembers from one run to the next."""
    return os.path.join(_home("XDG_STATE_HOME", ".local/state"), name)


def cache_file(name: str) -> str:
    """A file of what can be found again, and would take time."""
    return os.path.join(_home("XDG_CACHE_HOME", ".cache"), name)


def read_small(path: str) -> str:
    """The text of a small regular file. Raises OSError, or ValueError where it is no text.

    A pipe or a device in its place is refused, not waited for.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    with open(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", path)
        if status.st_size > LARGEST:
            raise OSError(errno.EFBIG, "it is far too large", path)
        return file.read(LARGEST).decode("utf-8")


def parse_toml(text: str) -> dict[str, Any]:
    """What a TOML file says. Raises ValueError that names the line, or RecursionError."""
    try:
        toml = importlib.import_module("tomllib")
    except ModuleNotFoundError:  # Python 3.10
        toml = importlib.import_module("tomli")
    values: dict[str, Any] = toml.loads(text)
    return values


def set_aside(path: str, why: str) -> str:
    """Rename a file that must not be read again, "damaged" or "crashed"; its new path, empty where it stays."""
    aside = f"{path}.{why}"
    try:
        os.replace(path, aside)
    except OSError:
        return ""
    return aside


def write_own(path: str, text: str) -> None:
    """Write one of these files, whose folder is made where there is none. Raises OSError."""
    os.makedirs(os.path.dirname(path), exist_ok=True, mode=0o700)
    write_atomically(path, text)


def write_atomically(path: str, text: str) -> None:
    """Write `text` so that a reader sees the old file or the new one, never half of either. Raises OSError.

    Pipes and devices are written to as they are. The target of a link is what changes, and it keeps its mode; what is
    read-only is refused.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return
    path = os.path.realpath(path)
    mode = stat.S_IMODE(os.stat(path).st_mode) if os.path.exists(path) else None
    if mode is not None and not mode & 0o222:
        raise PermissionError(errno.EACCES, "it is read-only", path)
    draft = f"{path}.{os.getpid()}"
    try:
        with open(draft, "w", encoding="utf-8") as file:
            file.write(text)
        if mode is not None:
            os.chmod(draft, mode)
        os.replace(draft, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft)
