"""Completes what is typed of a path: with the name of a folder, or of a file that qtui reads."""

from __future__ import annotations

import asyncio
import os
from itertools import islice

from textual.suggester import Suggester

ENDINGS = (".gguf", ".safetensors", ".json", ".npy", ".dat", ".imatrix")
MOST = 4096  # entries of a folder that are looked at


class PathSuggester(Suggester):
    """Shows behind a path how it may go on. A folder is read in a thread, one at a time: it may be far away.

    With `bare` a name alone is completed, too: one in the working directory.
    """

    def __init__(self, *, bare: bool) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._bare = bare
        self._is_reading = False

    async def get_suggestion(self, value: str) -> str | None:
        """The whole path that `value` may become, None where nothing begins so, or another folder is being read."""
        if self._is_reading or not (self._bare or os.path.dirname(value)):
            return None
        self._is_reading = True
        try:
            return await asyncio.to_thread(completion, value)
        finally:
            self._is_reading = False


def completion(typed: str) -> str | None:
    """`typed` with the first name, by the alphabet, that goes on so; None where there is none that can be read."""
    folder, begun = os.path.split(typed)
    try:
        with os.scandir(os.path.expanduser(folder) or ".") as entries:
            names = [
                entry.name + "/" * entry.is_dir()
                for entry in islice(entries, MOST)
                if entry.name.startswith(begun or ".") == bool(begun)
            ]
    except (OSError, ValueError):  # ValueError: a NUL was typed
        return None
    name = min((name for name in names if name.endswith((*ENDINGS, "/"))), default=None)
    return None if name is None else os.path.join(folder, name)
