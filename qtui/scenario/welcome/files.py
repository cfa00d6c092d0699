"""Model files that lie near: in the working folder, and where other programs keep theirs. Names and sizes only."""

from __future__ import annotations

import os
from collections.abc import Iterator

from qtui.models.files.caches import caches
from qtui.scenario.welcome.result import FileHere

ENDINGS = (".gguf", ".safetensors")
CONFIG = "config.json"
MOST = 200  # files listed
DEEPEST = 4  # folders below one that is looked into
MOST_FOLDERS = 2000  # looked into in all: a cache may be large, and far away


def files_here(folders: tuple[str, ...] = ()) -> tuple[FileHere, ...]:
    """Model files in `folders`; without any, in the working folder and the usual caches. At most `MOST`."""
    places = [(folder, folder) for folder in folders]
    if not folders:
        places = [("this folder", os.curdir), *((name, str(path)) for name, path in caches())]
    files: dict[str, FileHere] = {}
    for place, folder in places:
        deepest = 1 if folder == os.curdir else DEEPEST
        for path, size in _below(folder, deepest):
            key = os.path.realpath(path)
            if key not in files and len(files) < MOST:
                files[key] = FileHere(_name(path), os.path.normpath(path), size, place)
    return tuple(files.values())


def _below(folder: str, deepest: int) -> Iterator[tuple[str, int]]:
    """Paths of model files in `folder`, with their bytes; a folder with a config.json and weights is one."""
    depth = folder.rstrip(os.sep).count(os.sep)
    for count, (base, inner, names) in enumerate(os.walk(folder)):
        if count >= MOST_FOLDERS:
            return
        if base.count(os.sep) - depth >= deepest:
            inner.clear()
        inner[:] = sorted(name for name in inner if not name.startswith(".") or name == ".cache")
        weights = [name for name in sorted(names) if name.endswith(ENDINGS) or _is_blob(base, name)]
        if CONFIG in names and any(name.endswith(".safetensors") for name in weights):
            yield base, sum(_size(os.path.join(base, name)) for name in weights)
            weights = [name for name in weights if not name.endswith(".safetensors")]
        elif CONFIG in names and not weights:
            yield os.path.join(base, CONFIG), _size(os.path.join(base, CONFIG))
        for name in weights:
            path = os.path.join(base, name)
            yield path, _size(path)


def _is_blob(base: str, name: str) -> bool:
    """Whether it is a model among Ollama's blobs, which have no endings."""
    if not name.startswith("sha256-"):
        return False
    try:
        with open(os.path.join(base, name), "rb") as file:
            return file.read(4) == b"GGUF"
    except OSError:
        return False


def _name(path: str) -> str:
    """What a person knows it by: a file's name, or the folder's where that says nothing."""
    name = os.path.basename(os.path.normpath(path)) or path
    if name == CONFIG:
        return os.path.join(os.path.basename(os.path.dirname(os.path.abspath(path))), name)
    return os.path.basename(os.path.abspath(path)) if os.path.isdir(path) else name


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
