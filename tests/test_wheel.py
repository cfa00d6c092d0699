"""What a built wheel holds."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files in a wheel of this tree, without those that say what it is."""
    backend = pytest.importorskip("hatchling.build", reason="the build backend is not installed")
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        name = backend.build_wheel(str(folder))
    with zipfile.ZipFile(folder / name) as wheel:
        return {file for file in wheel.namelist() if ".dist-info/" not in file}


def test_a_wheel_has_every_file_of_the_package_and_no_other(packed: set[str]) -> None:
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "qtui").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"qtui/py.typed", "qtui/tui/app.tcss", "qtui/models/lm/tiny.gguf"} <= package
    assert packed == package
