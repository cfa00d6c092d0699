"""The dialog that lists model files, and takes a path as well."""

from __future__ import annotations

import os
from collections.abc import Sequence

from qtui.draw.safe import cut, padded, safe
from qtui.draw.units import decimal
from qtui.scenario.base import Scenario
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.welcome.result import FileHere
from qtui.tui.widgets.paths import PathSuggester
from qtui.tui.widgets.picker import Picker

NAME = 38  # cells of a file's name


class FilePicker(Picker):
    """Returns the path of a file that is listed, or the one that was typed."""

    PLACEHOLDER = "a path: ~/models/model.gguf, ./folder, config.json"

    def __init__(self, files: Sequence[FileHere]) -> None:
        titles = [
            f"{padded(cut(safe(file.name), NAME), NAME)} {decimal(file.bytes):>9}  {safe(file.place)}"
            for file in files
        ]
        hint = "type a path, or a part of a name"
        self.suggester = PathSuggester(bare=True)
        super().__init__("Look inside a file", [file.path for file in files], titles, "", width=70, hint=hint)

    def matches(self, typed: str) -> tuple[tuple[str, str], ...]:
        """The files whose names match; last what was typed, as a path."""
        path = os.path.expanduser(typed.strip())
        own = ((path, f"the path {safe(path)}"),) if path else ()
        listed = super().matches(typed)
        return (*own, *listed) if os.sep in path else (*listed, *own)

    def nothing(self, typed: str) -> str:
        """What is said where nothing is listed."""
        return "no model file lies here; type the path of one"


def inside(path: str) -> Scenario:
    """Where one looks inside `path`: Memory for a model without weights, else its tensors."""
    if path.endswith(".json"):
        return MemoryScenario(model=(path,))
    return ErrorsScenario(path=path, view="browse")
