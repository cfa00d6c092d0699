"""The JSON form of an architecture, as the catalogue stores it and `qtui inspect --json` prints it.

Keys are the fields of `Architecture` and of its groups; a group's `kind` names its class; values that are a class's
defaults are left out. `fused_qkv` says once for all groups that projections are stored fused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, TypeVar

from qtui.compute.memory.architecture import Architecture, fused
from qtui.compute.memory.ffns import FFNS, ffn_class
from qtui.compute.memory.ffns.base import FeedForward
from qtui.compute.memory.mixers import MIXERS, mixer_class
from qtui.compute.memory.mixers.base import Mixer
from qtui.error import QtuiError

T = TypeVar("T")
_FUSED = ("fused_qkv", "fused_up")
# What a value of each annotated type may be in JSON. None stands for a text or list that is not there.
_PLAIN: dict[Any, tuple[type, ...]] = {
    int: (int,),
    int | None: (int, type(None)),
    bool: (bool,),
    str: (str, type(None)),
}


def parse_architecture(data: Mapping[str, Any]) -> Architecture:
    """The architecture that a JSON object describes. Raises QtuiError with the field that is wrong."""
    values = dict(data)
    is_fused = bool(values.pop("fused_qkv", False))
    mixers, ffns = _mixers(values.pop("mixers", ())), _ffns(values.pop("ffns", ()))
    if is_fused:
        mixers, ffns = fused(mixers, ffns)
    values |= {"mixers": mixers, "ffns": ffns}
    if values.get("mtp") or values.get("vision"):
        values |= _beside(values)
    for name in ("other_text", "other_extra"):
        values[name] = tuple((values.get(name) or {}).items())
    return _instance(Architecture, values)


def _beside(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a checkpoint holds beside the text model, as `values` describe it."""
    beside: dict[str, Any] = {}
    if values.get("mtp"):
        from qtui.compute.memory.draft import DraftModule  # many checkpoints have neither

        module = dict(values["mtp"])
        module |= {"mixers": _mixers(module.get("mixers", ())), "ffns": _ffns(module.get("ffns", ()))}
        beside["mtp"] = _instance(DraftModule, module)
    if values.get("vision"):
        from qtui.compute.memory.towers import LAYOUTS, VisionTower

        _kind(values["vision"], LAYOUTS, "vision tower")
        beside["vision"] = _instance(VisionTower, values["vision"])
    return beside


def _mixers(groups: Sequence[Mapping[str, Any]]) -> tuple[Mixer, ...]:
    return tuple(_mixer(group) for group in groups)


def _mixer(group: Mapping[str, Any]) -> Mixer:
    values = dict(group)
    if values.get("indexer"):
        from qtui.compute.memory.mixers.indexer import Indexer  # few models have one

        values["indexer"] = _instance(Indexer, values["indexer"])
    cls = mixer_class(_kind(values, MIXERS, "mixer"))
    del values["kind"]
    return _instance(cls, values)


def _ffns(groups: Sequence[Mapping[str, Any]]) -> tuple[FeedForward, ...]:
    return tuple(_ffn(group) for group in groups)


def _ffn(group: Mapping[str, Any]) -> FeedForward:
    cls = ffn_class(_kind(group, FFNS, "feed-forward layer"))
    return _instance(cls, {name: value for name, value in group.items() if name != "kind"})


def _kind(values: Mapping[str, Any], kinds: Collection[str], what: str) -> str:
    """The kind that `values` name. Raises QtuiError where it is none of `kinds`."""
    kind = str(values.get("kind"))
    if kind not in kinds:
        raise QtuiError(f"no {what} is called {kind!r}; known are {', '.join(kinds)}")
    return kind


def _instance(cls: type[T], values: Mapping[str, Any]) -> T:
    """An object of the class `cls` with fields as in `values`."""
    types, defaults = _fields(cls)
    for name, value in values.items():
        if name not in types:
            raise QtuiError(f"{cls.__name__} has no field {name!r}")
        wanted = types[name]
        if wanted in _PLAIN and type(value) not in _PLAIN[wanted]:
            called = wanted.__name__ if isinstance(wanted, type) else wanted
            raise QtuiError(f"{name} of {cls.__name__} should be of type {called}, not {value!r}")
    missing = [name for name in types if name not in defaults and name not in values]
    if missing:
        raise QtuiError(f"{cls.__name__} needs {', '.join(missing)}")
    texts = {name: "" for name, value in values.items() if value is None and types[name] is str}
    return cls(**(dict(values) | texts))


def _fields(cls: type[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The types of the fields of a dataclass or a NamedTuple, and the defaults of those that have one."""
    if not is_dataclass(cls):
        return cls.__annotations__, cls._field_defaults
    listed = fields(cls)
    return (
        {field.name: field.type for field in listed},
        {field.name: field.default for field in listed if field.default is not MISSING},
    )


def architecture_record(arch: Architecture) -> dict[str, Any]:
    """The JSON object that `parse_architecture` reads back."""
    record = _record(arch) | {
        "mixers": [_group_record(m) for m in arch.mixers],
        "ffns": [_group_record(f) for f in arch.ffns],
    }
    if any(m.is_fused for m in arch.mixers):
        record["fused_qkv"] = True
    if arch.mtp is not None:
        record["mtp"] = _record(arch.mtp) | {
            "mixers": [_group_record(m) for m in arch.mtp.mixers],
            "ffns": [_group_record(f) for f in arch.mtp.ffns],
        }
    return record


def _group_record(group: Mixer | FeedForward) -> dict[str, Any]:
    return {"kind": group.KIND, "layers": group.layers, **_record(group)}


def _record(value: Any) -> dict[str, Any]:
    """The fields that differ from their defaults; named counts and values with fields of their own as objects."""
    types, defaults = _fields(type(value))
    record: dict[str, Any] = {}
    for name in types:
        item = getattr(value, name)
        if name in defaults and item == defaults[name] or name in _FUSED:
            continue
        if hasattr(item, "_fields"):
            item = _record(item)
        record[name] = dict(item) if name in ("other_text", "other_extra") else item
    return record
