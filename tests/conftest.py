"""What all tests share: reference outputs kept outside the repository, where they are present."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("qtui", deadline=None)  # a busy machine fails no test
settings.load_profile("qtui")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program itself does, before numpy is imported

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


@pytest.fixture(autouse=True, scope="session")
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What qtui keeps on disk goes to folders of the tests, and a person's own configuration changes no test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CACHE", "CONFIG", "STATE"):
            patch.setenv(f"XDG_{name}_HOME", str(tmp_path_factory.mktemp(name.lower())))
        yield


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test keeps nothing for the next one; its state is in `tmp_path / "state"`."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
