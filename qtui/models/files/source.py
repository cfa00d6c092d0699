"""Bytes at an offset, from a file that may be larger than memory, hostile, or changing underneath.

Reads are positioned reads into memory of our own: a file that is truncated while it is being read then gives a clear
error, where touching a page of a mapping would end the process. Worker processes map it all the same (`mapping`).
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

from qtui.error import QtuiError


class ModelFileError(QtuiError):
    """A file that can't be used. The message is one clear sentence with the problem and the remedy."""


LONGEST_NAME = 64  # characters, with its quotation marks


def quoted(name: str) -> str:
    """A name from a file as it can stand in a message: quoted, on one line, shortened where it is long."""
    text = repr(name[: LONGEST_NAME + 1])
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 2] + "…" + text[0]


class Source(Protocol):
    """Something with a name, a size in bytes, bytes at any offset, and an identity that changes when they do."""

    name: str
    size: int
    identity: str

    def read(self, offset: int, size: int) -> bytes:
        """Exactly `size` bytes at `offset`. Raises ModelFileError where there are fewer."""
        ...


_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
)


def explain(error: OSError | ValueError, path: str) -> ModelFileError:
    """An error of the operating system about `path`, as a sentence; Python raises ValueError for a bad path."""
    if isinstance(error, ValueError):
        return ModelFileError(f"{path!r} is no path; check it")
    if error.errno == errno.ENOENT and exists(path, os.path.islink):
        return ModelFileError(f"{path} is a link to {os.readlink(path)}, which is not there; download it again")
    if error.errno == errno.ENOENT:
        return ModelFileError(f"there is no file {path}; check the path" if path else "the path is empty")
    if error.errno in (errno.EACCES, errno.EPERM):
        if error.strerror and error.strerror != os.strerror(error.errno):  # the words of an audit hook
            return ModelFileError(f"{path}: {error.strerror}")
        return ModelFileError(f"{path} may not be read by this user; change its permissions")
    if error.errno == errno.ELOOP:
        return ModelFileError(f"{path} is a loop of symbolic links; give the file itself")
    return ModelFileError(f"{path} can't be read: {error.strerror or error}; check the file and the disk")


def ask_for(path: str) -> None:
    """Tell audit hooks that `path`, which a person or a file named, is about to be opened.

    Raises PermissionError where one refuses it. Nothing of the path is known then, not even whether it exists.
    """
    sys.audit("qtui.path", path)


def exists(path: str, test: Callable[[str], bool] = os.path.exists) -> bool:
    """Whether `path` passes `test` and may be opened."""
    try:
        ask_for(path)
    except PermissionError:
        return False
    return test(path)


def expanded(path: str) -> str:
    """`path` with a leading ~ as this user's home. Others' are not looked up."""
    return os.path.expanduser(path) if path == "~" or path.startswith("~/") else path


def require_regular(path: str, mode: int) -> None:
    """Raise ModelFileError unless `mode` (of stat) is a regular file's."""
    if stat.S_ISREG(mode):
        return
    kind = next((name for test, name in _KINDS if test(mode)), "not a regular file")
    raise ModelFileError(f"{path} is {kind}; give a regular file")


class LocalSource:
    """A regular file, open for reading. Use as a context manager."""

    def __init__(self, path: str) -> None:
        self.name = path
        try:
            ask_for(path)
            # A device may act when it is opened and a pipe may wait, so look first; the path may have changed
            # in between, so look at what was opened too.
            require_regular(path, os.stat(path).st_mode)
            flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
            self._fd = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
        except ModelFileError:
            raise
        except (OSError, ValueError) as error:
            raise explain(error, path) from None
        status = os.fstat(self._fd)
        self.size = status.st_size
        self.identity = f"{status.st_dev:x}-{status.st_ino:x}-{status.st_size:x}-{status.st_mtime_ns:x}"
        try:
            require_regular(path, status.st_mode)
        except ModelFileError:
            self.close()
            raise

    def read(self, offset: int, size: int) -> bytes:
        """Exactly `size` bytes at `offset`. Raises ModelFileError where the file ends before."""
        if size <= 0:
            return b""
        if offset + size > self.size:
            raise cut_short(self.name, self.size)
        try:
            data = self._pread(size, offset)
            while len(data) < size:
                more = self._pread(size - len(data), offset + len(data))
                if not more:
                    raise shortened_while_read(self.name)
                data += more
        except OSError as error:
            raise explain(error, self.name) from None
        return data

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` (of bytes) from `offset` on. Raises ModelFileError where the file ends before."""
        if not hasattr(os, "preadv"):
            buffer[:] = self.read(offset, len(buffer))
            return
        done = 0
        try:
            while done < len(buffer):
                got = os.preadv(self._fd, [buffer[done:]], offset + done)
                if not got:
                    raise shortened_while_read(self.name)
                done += got
        except OSError as error:
            raise explain(error, self.name) from None

    def expect(self, offset: int, size: int) -> None:
        """Ask the system to fetch these bytes, which will be read soon; it does so meanwhile."""
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self._fd, offset, size, os.POSIX_FADV_WILLNEED)

    def fileno(self) -> int:
        """The descriptor of the open file."""
        return self._fd

    def _pread(self, size: int, offset: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._fd, size, offset)
        os.lseek(self._fd, offset, os.SEEK_SET)
        return os.read(self._fd, size)

    def close(self) -> None:
        """Close the file; reading afterwards is an error."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> LocalSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def cut_short(name: str, size: int) -> ModelFileError:
    """The error for a file that ends before what its header promises."""
    return ModelFileError(
        f"{name} is truncated: its header points past its end at byte {size:,}; download or copy it again"
    )


def shortened_while_read(name: str) -> ModelFileError:
    """The error for a file that has lost its end since it was opened."""
    return ModelFileError(f"{name} became shorter while it was read; open it again")


def changed_since(name: str) -> ModelFileError:
    """The error for a file that is not the one whose header was read."""
    return ModelFileError(f"{name} has changed since it was opened; open it again")
