"""Output files of `qtui quantize`: written under a temporary name, renamed when they are complete."""

from __future__ import annotations

import os
import tempfile
from types import TracebackType
from typing import BinaryIO

import numpy as np

from qtui.compute.codec import F32, Encoded
from qtui.scenario.base import UserError


class WholeFile:
    """An output file that replaces what is there only when it is complete; a failure changes nothing."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._partial = ""
        try:
            if os.path.exists(path) and not os.path.isfile(path):
                self.file: BinaryIO = open(path, "wb")  # noqa: SIM115 - a pipe or device can't be renamed onto
                return
            handle, self._partial = tempfile.mkstemp(prefix=".qtui-", dir=os.path.dirname(os.path.abspath(path)))
        except OSError as error:
            raise _unwritable(path, error) from None
        self.file = os.fdopen(handle, "wb")

    def finish(self) -> None:
        """Give the file its name, with the permissions that a new file gets."""
        self.file.close()
        if not self._partial:
            return
        try:
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(self._partial, 0o666 & ~mask)
            os.replace(self._partial, self._path)
        except OSError as error:
            self.drop()
            raise _unwritable(self._path, error) from None

    def drop(self) -> None:
        """Remove what was written."""
        self.file.close()
        if self._partial:
            os.unlink(self._partial)


def _unwritable(path: str, error: OSError) -> UserError:
    return UserError(f"{path} can't be written: {error.strerror}; choose another place")


class FileSink:
    """Writes stored bytes to `out_bytes` and values to `out`, a .npy; either may be empty. A context manager."""

    def __init__(self, out: str, out_bytes: str) -> None:
        if out and out_bytes and os.path.abspath(out) == os.path.abspath(out_bytes):
            raise UserError("--out and --out-bytes name the same file; give two names")
        self._outputs: list[WholeFile] = []
        self._values = self._open(out)
        self._bytes = self._open(out_bytes)
        self._headed = False

    def _open(self, path: str) -> BinaryIO | None:
        if not path:
            return None
        try:
            self._outputs.append(WholeFile(path))
        except UserError:
            self._drop()
            raise
        return self._outputs[-1].file

    def begin(self, shape: tuple[int, ...]) -> None:
        """Write the .npy header of float32 values of `shape`."""
        if self._values is not None:
            header = {"descr": "<f4", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(self._values, header)

    def take(self, encoded: Encoded, values: F32) -> None:
        """Append rows: what the tensor stores once goes before the first of them."""
        if self._bytes is not None:
            if not self._headed:
                self._bytes.write(encoded.header.tobytes())
                self._headed = True
            self._bytes.write(np.ascontiguousarray(encoded.data).data)
        if self._values is not None:
            self._values.write(np.ascontiguousarray(values, "<f4").data)

    def _drop(self) -> None:
        for output in self._outputs:
            output.drop()

    def __enter__(self) -> FileSink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._drop()
            return
        for output in self._outputs:
            output.finish()
