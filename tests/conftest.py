"""What all tests share: reference outputs kept outside the repository, where they are present."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = Path(os.environ.get("QTUI_REFERENCE", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def reference() -> Callable[[str], Path]:
    """Path of a reference file such as "golden/ggml_shared.npz"; skips the test where it is absent."""

    def find(name: str) -> Path:
        path = REFERENCE / name
        if not path.exists():
            pytest.skip(f"reference data {name} is not on this machine (set QTUI_REFERENCE)")
        return path

    return find
