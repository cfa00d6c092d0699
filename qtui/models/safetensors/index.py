"""A safetensors model over several files, put together by its `model.safetensors.index.json`."""

from __future__ import annotations

import os
import re
import sys

from qtui.models.files.json_walk import Walker
from qtui.models.files.model_file import ModelFile, Tensor
from qtui.models.files.source import LocalSource, ModelFileError, exists, quoted
from qtui.models.safetensors.header import SafetensorsHeader, read_safetensors

INDEX_LIMIT = 100_000_000
# A member of weight_map without escapes.
_USUAL = re.compile(r'[ \n]*"([^"\\\x00-\x1f]*)": ?"([^"\\\x00-\x1f]*)"')
MEMBER_LIMIT = 1 << 16  # characters of what an index says beside its weight_map
SHARDS_LIMIT = 4096


def read_index(path: str) -> dict[str, str]:
    """Tensor name -> shard file name, both checked. Raises ModelFileError."""
    with LocalSource(path) as source:
        if source.size > INDEX_LIMIT:
            raise ModelFileError(f"{path} is too large for an index ({source.size:,} bytes); check the path")
        return weight_map(path, source.read(0, source.size))


def weight_map(path: str, raw: bytes) -> dict[str, str]:
    """The checked weight_map of an index. Shard names may not leave the index's directory."""
    walker = Walker(path, raw)
    places: dict[str, str] = {}
    for key, _ in walker.members():
        if key != "weight_map":
            walker.small(MEMBER_LIMIT)
            continue
        if walker.peek() != "{":
            raise walker.bad("its weight_map is not an object of texts")
        for name, usual in walker.members(_USUAL):
            if name in places or (usual is None and walker.peek() != '"'):
                raise walker.bad("its weight_map is not an object of texts, each once")
            places[name] = sys.intern(usual[2] if usual else walker.string())
    walker.end()
    if not places:
        raise ModelFileError(f"{path} is corrupt: it has no weight_map of tensors to files; download it again")
    _check_names(path, set(places.values()))
    return places


def _check_names(path: str, shards: set[str]) -> None:
    for shard in sorted(shards):
        if not shard or shard in (".", "..") or any(c in shard for c in "/\\\0"):
            raise ModelFileError(
                f"{path} names the shard {quoted(shard)}, not a plain file name beside it; don't trust this index"
            )
        if shard.endswith(".json"):
            raise ModelFileError(f"{path} is corrupt: it names the index {quoted(shard)} as a shard; get it again")
    if len(shards) > SHARDS_LIMIT:
        raise ModelFileError(f"{path} is corrupt: it names {len(shards):,} shards; download it again")


def open_index(path: str) -> ModelFile:
    """The model whose index is at `path`. Raises ModelFileError where a shard is missing or disagrees."""
    places = read_index(path)
    folder = os.path.dirname(path)
    shards = sorted(set(places.values()))
    missing = [shard for shard in shards if not exists(os.path.join(folder, shard))]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ModelFileError(
            f"{path} needs {quoted(missing[0])}{more} beside it ({len(shards)} shards in all); download all"
        )
    headers = []
    for shard in shards:
        with LocalSource(os.path.join(folder, shard)) as source:
            headers.append((read_safetensors(source), source.identity))
    return join_shards(path, places, shards, headers)


def join_shards(
    path: str, places: dict[str, str], shards: list[str], headers: list[tuple[SafetensorsHeader, str]]
) -> ModelFile:
    """One model of all its shards, with each one's header and identity.

    Raises ModelFileError where a shard lacks what the index places in it.
    """
    tensors: list[Tensor] = []
    metadata: dict[str, str] = {}
    for shard, (header, _) in zip(shards, headers, strict=True):
        metadata = metadata or header.metadata
        tensors += (t for t in header.tensors if places.get(t.name) == shard)
    if len(tensors) != len(places):
        held = {t.name for t in tensors}
        lost = next(name for name in places if name not in held)
        raise ModelFileError(
            f"{path} places {quoted(lost)} in {quoted(places[lost])}, which does not hold it; get both again"
        )
    folder = path[: len(path) - len(os.path.basename(path))]
    paths = tuple(folder + shard for shard in shards)
    identity = "+".join(mark for _, mark in headers)
    return ModelFile(path, "safetensors", paths, tuple(tensors), metadata, beside(path), identity)


def beside(path: str) -> str | None:
    """The config.json next to the file at `path`, if there is one."""
    config = os.path.join(os.path.dirname(path), "config.json")
    return config if exists(config, os.path.isfile) else None
