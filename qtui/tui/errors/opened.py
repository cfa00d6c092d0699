"""The model file that the pane has open, so that a key press does not read its header again."""

from __future__ import annotations

import os

from qtui.models.files import ModelFile
from qtui.scenario.errors_file import open_file


class Opened:
    """Keeps the last file while it stays as it was on disk."""

    def __init__(self) -> None:
        self._key: tuple[str, int, int] | None = None
        self._model: ModelFile | None = None

    @property
    def last(self) -> ModelFile | None:
        """The file that was opened last."""
        return self._model

    def model(self, path: str) -> ModelFile:
        """The model at `path`. Raises ModelFileError where it can't be opened."""
        try:
            found = os.stat(os.path.expanduser(path))
            key = (path, found.st_mtime_ns, found.st_size)
        except (OSError, ValueError):
            key = None
        if key is None or key != self._key or self._model is None:
            self._model = open_file(path)
            self._key = key
        return self._model
