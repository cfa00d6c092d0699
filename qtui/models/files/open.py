"""`open_model`: what is at this path? Found by content, not by name, and read by its headers alone."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import replace

from qtui.models.files import npy
from qtui.models.files.imatrix import looks_like_imatrix, open_imatrix
from qtui.models.files.json_text import parse_json
from qtui.models.files.model_file import ModelFile, collecting_later
from qtui.models.files.source import LocalSource, ModelFileError, ask_for, exists, explain
from qtui.models.gguf import header as gguf
from qtui.models.gguf.split import PART, open_gguf
from qtui.models.safetensors.header import looks_like_safetensors, read_safetensors
from qtui.models.safetensors.index import beside, open_index, open_shards, shards_of, whole_of

CONFIG_LIMIT = 8 << 20  # what is larger can only be an index
_CACHED = "models--"  # how repositories are named in the cache of huggingface_hub
# What a name is good for where a file is needed.
_NAMES = (
    "weights are needed: give a model's file or folder. `qtui mem` takes names of models, `qtui quality` those of "
    "`qtui quality --models`"
)
_READS = "qtui reads safetensors, GGUF, config.json and .npy"

# First bytes of files that people have by mistake, and what to do then.
_OTHERS = (
    (b"PK\x03\x04", "a zip archive, as PyTorch checkpoints are; save the model as safetensors"),
    (b"\x80\x02", "a Python pickle, which runs code when opened; save the model as safetensors"),
    (b"\x80\x04", "a Python pickle, which runs code when opened; save the model as safetensors"),
    (b"version https://git-lfs", "a Git LFS pointer, not the model; run `git lfs pull`"),
    (b"lmgg", "a GGML file older than GGUF; convert it with a current llama.cpp"),
    (b"fmgg", "a GGML file older than GGUF; convert it with a current llama.cpp"),
    (b"tjgg", "a GGML file older than GGUF; convert it with a current llama.cpp"),
    (b"FUGG", "a GGUF file with its bytes swapped; convert it to little-endian"),
    (b"<!DOC", "a web page, not the model; download the file itself"),
    (b"<html", "a web page, not the model; download the file itself"),
    (b"\x89HDF", "an HDF5 file; save the model as safetensors"),
    (b"\x1f\x8b", "compressed with gzip; unpack it first"),
)


def open_model(path: str) -> ModelFile:
    """The model at `path`: a file, one shard or the index of several, or a directory.

    Raises ModelFileError with one sentence, problem and remedy, for everything that can't be used.
    """
    try:
        ask_for(path)
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError) and _is_name(path):
            raise ModelFileError(f"there is no file {path}; {_NAMES}") from None
        raise explain(error, path) from None
    with collecting_later():
        return _open_directory(path) if stat.S_ISDIR(mode) else _open_file(path)


def _is_name(path: str) -> bool:
    """Whether a model is called so, rather than a file: Qwen3-8B, Qwen/Qwen3-8B, qwen3:8b."""
    named = re.fullmatch(r"[\w-][\w.-]*(?:/[\w.-]+)?(?::[\w.-]+)?", path) is not None
    return (
        named
        and not os.path.islink(path)
        and not path.lower().endswith((".gguf", ".safetensors", ".json", ".npy", ".bin", ".pt", ".pth"))
    )


def _open_file(path: str) -> ModelFile:
    with LocalSource(path) as source:
        if source.size == 0:
            raise ModelFileError(f"{path} is empty; download it again")
        head = source.read(0, min(64, source.size))
        if looks_like_safetensors(head, source.size):
            index = whole_of(path)
            if index is not None:
                return _shard(path, index)
            header = read_safetensors(source)
            return ModelFile(
                path, "safetensors", (path,), header.tensors, header.metadata, beside(path), source.identity
            )
    if head.startswith(gguf.MAGIC):
        return open_gguf(path)
    if head.startswith(npy.MAGIC):
        return npy.open_npy(path)
    if head.lstrip(b" \t\r\n\xef\xbb\xbf").startswith(b"{"):
        return _open_json(path)
    if looks_like_imatrix(head):
        return open_imatrix(path)
    for magic, kind in _OTHERS:
        if head.startswith(magic):
            raise ModelFileError(f"{path} is {kind}")
    raise ModelFileError(f"{path} is no model file that qtui knows by its first bytes; {_READS}")


def _shard(path: str, index: str) -> ModelFile:
    """The whole model that the shard at `path` is a part of."""
    model = open_index(index)
    note = f"{os.path.basename(path)} is one of {len(model.paths)} files: the whole model is shown"
    return replace(model, path=path, notes=(note, *model.notes))


def _open_json(path: str) -> ModelFile:
    with LocalSource(path) as source:
        if path.endswith(".index.json") or source.size > CONFIG_LIMIT:
            return open_index(path)
        config = parse_json(path, source.read(0, source.size), infinities=True)
        identity = source.identity
    if not isinstance(config, dict):
        raise ModelFileError(f"{path} is JSON, but no object; {_READS}")
    if "weight_map" in config:
        return open_index(path)
    if {"model_type", "architectures", "hidden_size", "n_embd", "text_config"} & config.keys():
        return ModelFile(path, "config", (), (), config, path, identity)
    raise ModelFileError(
        f"{path} is JSON, but neither a model's config.json (no model_type) nor an index of shards; {_READS}"
    )


def _open_directory(path: str) -> ModelFile:
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        raise explain(error, path) from None
    indexes = [n for n in names if n.endswith(".safetensors.index.json")]
    singles = [n for n in names if n.endswith(".safetensors")]
    ggufs = [n for n in names if n.endswith(".gguf") and _first_part(n)]
    if not (indexes or singles or ggufs) and _is_cache(names):
        return open_model(_cached(path, names))
    if "model.safetensors.index.json" in indexes:
        choices = ["model.safetensors.index.json"]
    elif "model.safetensors" in singles:
        choices = ["model.safetensors"]
    else:
        choices = indexes or singles or ggufs or [n for n in names if n == "config.json"]
    shards = shards_of(choices)
    if shards:
        return open_shards(path, shards)
    if len(choices) > 1:
        shown = ", ".join(choices[:4]) + (" ..." if len(choices) > 4 else "")
        raise ModelFileError(f"{path} holds several models ({shown}); give one of them")
    if choices:
        return open_model(os.path.join(path, choices[0]))
    if any(n.endswith((".bin", ".pt", ".pth", ".ckpt")) for n in names):
        raise ModelFileError(f"{path} holds PyTorch files, which run code when opened; save the model as safetensors")
    raise ModelFileError(f"{path} holds no model; {_READS}")


def _is_cache(names: list[str]) -> bool:
    """Whether a directory with `names` is that of the Hugging Face cache, or of one repository in it."""
    return "snapshots" in names or any(name.startswith(_CACHED) for name in names)


def _cached(path: str, names: list[str]) -> str:
    """The repository of a cache with one, or the snapshot of a repository that its `main` refers to."""
    if "snapshots" not in names:
        models = [name for name in names if name.startswith(_CACHED)]
        if len(models) > 1:
            shown = ", ".join(models[:4]) + (" ..." if len(models) > 4 else "")
            raise ModelFileError(f"{path} is a cache of {len(models)} models ({shown}); give one of them")
        return os.path.join(path, models[0])
    folder = os.path.join(path, "snapshots")
    snapshots = sorted(name for name in os.listdir(folder) if exists(os.path.join(folder, name), os.path.isdir))
    main = os.path.join(path, "refs", "main")
    if exists(main, os.path.isfile):
        with LocalSource(main) as source:
            named = source.read(0, min(source.size, 64)).decode("ascii", "replace").strip()
        snapshots = [named] if named in snapshots else snapshots
    if len(snapshots) != 1:
        raise ModelFileError(f"{path} has {len(snapshots)} snapshots; give the directory of one of them")
    return os.path.join(folder, snapshots[0])


def _first_part(name: str) -> bool:
    """False for the second and later parts of a split GGUF, and for a vision tower beside its model."""
    part = PART.match(name)
    return (part is None or int(part["number"]) == 1) and not name.startswith("mmproj")
