"""Folders for a kiosk to stay in."""

from pathlib import Path

import pytest


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, str]:
    """A folder that may be read, with a link out of it, and one for what must not be written."""
    folder, out = tmp_path / "models", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    (folder / "model").write_text("weights")
    (tmp_path / "secret").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    return {"folder": str(folder), "out": str(out)}
