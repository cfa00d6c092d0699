"""Where qtui keeps its own few files, after the XDG base directory specification.

Paths are texts here, since importing pathlib takes a good part of what `qtui mem --json` may take in all.
"""

from __future__ import annotations

import contextlib
import os


def _home(variable: str, otherwise: str) -> str:
    # The specification: a relative path in one of these variables is invalid and is to be ignored.
    given = os.environ.get(variable, "")
    base = given if given.startswith("/") else os.path.join(os.path.expanduser("~"), otherwise)
    return os.path.join(base, "qtui")


def config_file() -> str:
    """The settings a person writes by hand."""
    return os.path.join(_home("XDG_CONFIG_HOME", ".config"), "config.toml")


def state_file(name: str) -> str:
    """A file of what qtui remembers from one run to the next."""
    return os.path.join(_home("XDG_STATE_HOME", ".local/state"), name)


def write_atomically(path: str, text: str) -> None:
    """Write `text` so that a reader sees the old file or the new one, never half of either. Raises OSError."""
    os.makedirs(os.path.dirname(path), exist_ok=True, mode=0o700)
    draft = f"{path}.{os.getpid()}"
    try:
        with open(draft, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(draft, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft)
