"""All metadata of a file, long values over several rows."""

from __future__ import annotations

from typing import Any

from qtui.draw.glyphs import Glyphs
from qtui.draw.inspect import metadata_table
from qtui.draw.picture import Picture
from qtui.models.files.model_file import ModelFile
from qtui.scenario.inspect import elided
from qtui.tui.widgets.scrolling import ScrollingDialog

LINES = 12  # of one value
ITEMS = 64  # of an array that is still in the file


class MetadataDialog(ScrollingDialog):
    """Keys and values of a file's header."""

    WIDTH = 110

    def __init__(self, metadata: dict[str, Any], glyphs: Glyphs) -> None:
        super().__init__()
        self._metadata = metadata
        self._glyphs = glyphs

    def picture(self, width: int) -> Picture:
        """A row a key, or more."""
        return metadata_table(self._metadata, width, self._glyphs, LINES)


def metadata_dialog(model: ModelFile, glyphs: Glyphs) -> MetadataDialog:
    """The dialog for `model`. Raises ModelFileError where an array can't be read any more."""
    return MetadataDialog(
        {key: elided(value, ITEMS, glyphs.ellipsis) for key, value in model.metadata.items()}, glyphs
    )
