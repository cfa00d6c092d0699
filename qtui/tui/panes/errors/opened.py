"""The model file that the pane has open, so that a key press does not read its header again."""

from __future__ import annotations

import os

from qtui.models.files.model_file import ModelFile
from qtui.models.files.source import expanded
from qtui.models.tensors.tree import Branch, build_tree
from qtui.scenario.errors.file import open_file

Marks = tuple[tuple[int, int, int], ...]


class Opened:
    """Keeps the last file, and the tree of its tensors, while its files stay as they were on disk."""

    def __init__(self) -> None:
        self._path = ""
        self._marks: Marks | None = None
        self._model: ModelFile | None = None
        self._tree: Branch | None = None

    @property
    def last(self) -> ModelFile | None:
        """The file that was opened last."""
        return self._model

    @property
    def tree(self) -> Branch:
        """The names of its tensors as a tree."""
        return self._tree or self.plant()

    def plant(self) -> Branch:
        """Make the tree, where it is not made yet: half a second for the largest models."""
        if self._tree is None:
            self._tree = build_tree(self._model.tensors if self._model is not None else ())
        return self._tree

    def model(self, path: str) -> ModelFile:
        """The model at `path`. Raises ModelFileError where it can't be opened."""
        where = expanded(path)
        if self._model is None or path != self._path or self._marks != _marks((where, *self._model.paths)):
            self._model = open_file(path)
            self._tree = None
            self._path, self._marks = path, _marks((where, *self._model.paths))
        return self._model


def _marks(paths: tuple[str, ...]) -> Marks | None:
    """What changes when one of the files does; None where one can't be found."""
    try:
        found = [os.stat(path) for path in paths]
    except (OSError, ValueError):
        return None
    return tuple((each.st_ino, each.st_size, each.st_mtime_ns) for each in found)
