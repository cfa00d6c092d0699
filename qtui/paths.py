"""Where qtui keeps its own few files, after the XDG base directory specification."""

from __future__ import annotations

import os
from pathlib import Path


def _home(variable: str, otherwise: str) -> Path:
    # The specification: a relative path in one of these variables is invalid and is to be ignored.
    given = os.environ.get(variable, "")
    base = Path(given) if given.startswith("/") else Path(os.path.expanduser("~")) / otherwise
    return base / "qtui"


def config_file() -> Path:
    """The settings a person writes by hand."""
    return _home("XDG_CONFIG_HOME", ".config") / "config.toml"


def state_dir() -> Path:
    """What qtui remembers from one run to the next."""
    return _home("XDG_STATE_HOME", ".local/state")


def write_atomically(path: Path, text: str) -> None:
    """Write `text` so that a reader sees the old file or the new one, never half of either. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
