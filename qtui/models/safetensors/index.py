"""A safetensors model over several files, put together by its `model.safetensors.index.json`."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace

from qtui.models.files.json_text import Walker
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
    model = join_shards(path, places, shards, headers)
    others = sorted(
        name for name in os.listdir(folder or ".") if name.endswith(".safetensors") and name not in shards
    )
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    note = f"the index leaves out files beside it: {quoted(others[0])}{more}" if others else ""
    return replace(model, notes=(*model.notes, note)) if note else model


def join_shards(
    path: str, places: dict[str, str], shards: list[str], headers: list[tuple[SafetensorsHeader, str]]
) -> ModelFile:
    """One model of all its shards, with each one's header and identity.

    Raises ModelFileError where a shard lacks what the index places in it.
    """
    tensors: list[Tensor] = []
    unlisted: list[str] = []
    metadata: dict[str, str] = {}
    for shard, (header, _) in zip(shards, headers, strict=True):
        metadata = metadata or header.metadata
        tensors += (t for t in header.tensors if places.get(t.name, shard) == shard)
        unlisted += (t.name for t in header.tensors if t.name not in places)
    held = {t.name for t in tensors}
    lost = [name for name in places if name not in held]
    if not held or len(held) < len(tensors):
        what = "names no tensor that its files hold" if not held else "leaves out a tensor that two of its files hold"
        raise ModelFileError(f"{path} {what}; get it and its files again")
    folder = path[: len(path) - len(os.path.basename(path))]
    paths = tuple(folder + shard for shard in shards)
    identity = "+".join(mark for _, mark in headers)
    notes = (_note(lost, "that the index names", "not there"), _note(unlisted, "beside those of the index", "added"))
    return ModelFile(
        path,
        "safetensors",
        paths,
        tuple(tensors),
        metadata,
        beside(path),
        identity,
        notes=tuple(note for note in notes if note),
    )


def _note(names: list[str], which: str, fate: str) -> str:
    """ "2 tensors that the index names are not there: 'mtp.fc.weight' and 1 more"; nothing for none."""
    if not names:
        return ""
    more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
    some = f"{len(names):,} tensors {which} are" if len(names) > 1 else f"1 tensor {which} is"
    return f"{some} {fate}: {quoted(names[0])}{more}"


SHARD = re.compile(r"^(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.safetensors$", re.DOTALL)


def open_shards(path: str, names: list[str]) -> ModelFile:
    """The model in the directory `path` whose shards are `names`, in order, without an index."""
    headers = []
    for name in names:
        with LocalSource(os.path.join(path, name)) as source:
            headers.append((read_safetensors(source), source.identity))
    places = {t.name: name for name, (header, _) in zip(names, headers, strict=True) for t in header.tensors}
    model = join_shards(os.path.join(path, ""), places, names, headers)
    note = f"there is no index: {len(names)} files were put together by their names"
    return replace(model, path=path, notes=(*model.notes, note))


def shards_of(names: list[str]) -> list[str]:
    """The shards "m-00001-of-00002.safetensors" and following where `names` are all of one model; else []."""
    parts = [SHARD.match(name) for name in names]
    if not parts or any(part is None for part in parts):
        return []
    stems = {(part["stem"], int(part["count"])) for part in parts if part is not None}
    numbers = sorted(int(part["number"]) for part in parts if part is not None)
    if len(stems) != 1 or numbers != list(range(1, next(iter(stems))[1] + 1)):
        return []
    return sorted(names)


def whole_of(path: str) -> str | None:
    """The index beside the shard at `path` that names it; None where there is none, or one of its files is lost."""
    folder, name = os.path.split(path)
    part = SHARD.match(name)
    if part is None:
        return None
    index = os.path.join(folder, f"{part['stem']}.safetensors.index.json")
    if not exists(index, os.path.isfile):
        return None
    shards = set(read_index(index).values())
    return index if name in shards and all(exists(os.path.join(folder, shard)) for shard in shards) else None


def beside(path: str) -> str | None:
    """The config.json next to the file at `path`, if there is one."""
    config = os.path.join(os.path.dirname(path), "config.json")
    return config if exists(config, os.path.isfile) else None
