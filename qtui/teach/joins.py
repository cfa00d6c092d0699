"""The log of a class: who joined and left, when and from where; nothing of what they did."""

from __future__ import annotations

import os
from datetime import datetime

LARGEST = 1 << 20  # bytes, beyond which the log begins anew and the old one is kept beside it


class JoinLog:
    """Appends lines to the file `path`, which only its owner can read; "" keeps no log.

    A log that can't be written keeps no class from going on: `trouble` says so, once.
    """

    def __init__(self, path: str = "") -> None:
        self._path = path
        self._failed = False
        self.trouble = ""

    def write(self, what: str, name: str, origin: str = "") -> None:
        """Append a line."""
        if not self._path:
            return
        text = "\t".join((f"{datetime.now():%Y-%m-%d %H:%M:%S}", what, name, origin))
        try:
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            with open(handle, "w", encoding="utf-8") as file:
                file.write(f"{text}\n")
                full = os.fstat(handle).st_size > LARGEST
            if full:
                os.replace(self._path, f"{self._path}.1")
            self._failed = False
        except OSError as error:
            if not self._failed:
                self.trouble = f"the log of joins can't be written: {error.strerror}; the class goes on"
            self._failed = True
