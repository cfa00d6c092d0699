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
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What qtui keeps on disk goes to a folder of the tests, not to the person's own."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder
