"""What the readers of config.json and GGUF make of a model: an architecture for the memory arithmetic.

Layers are described one by one, and equal ones are put together by `grouped_layers`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from qtui.compute.memory.architecture import LAYERS_LIMIT, Architecture
from qtui.compute.memory.tensors import LayerGroup
from qtui.models.files.source import ModelFileError

COUNT_LIMIT = 1 << 40
G = TypeVar("G", bound=LayerGroup)


@dataclass(frozen=True)
class FileArchitecture:
    """An architecture read from a file.

    `kind` is the file's word for it ("llama", "qwen3_moe"); `dtype` how most weights are stored, `context` the tokens
    it was trained for, None where the file does not say. `doubts` are sentences on what was assumed;
    where the family isn't known, or keeps something that isn't counted, `family_known` is False.
    """

    name: str
    kind: str
    arch: Architecture
    dtype: str | None
    context: int | None
    doubts: tuple[str, ...] = ()
    family_known: bool = True


class ConfigFields:
    """Typed access to a mapping from an untrusted file. Every getter raises ModelFileError for the wrong type."""

    def __init__(self, path: str, values: Mapping[str, Any]) -> None:
        self.path = path
        self.values = values

    def has(self, name: str) -> bool:
        """True where `name` is there and not null."""
        return self.values.get(name) is not None

    def maybe(self, *names: str) -> int | None:
        """The first of `names` that is there, a whole number from 0 up; None where none is."""
        for name in names:
            value = self.values.get(name)
            if value is None:
                continue
            if isinstance(value, list) and value and all(item == value[0] for item in value):
                value = value[0]  # the same for every layer
            if isinstance(value, list) and value and all(type(item) is int for item in value):
                raise ModelFileError(f"{self.path} has a list of different values as {name}, which qtui can't read")
            if type(value) is float and value.is_integer():
                value = int(value)
            if type(value) is not int or not 0 <= value < COUNT_LIMIT:
                raise self.wrong(name, "a whole number")
            return value
        return None

    def count(self, *names: str, default: int | None = None) -> int:
        """Like `maybe`, but one of them, or `default`, must be there."""
        value = self.maybe(*names)
        if value is None:
            value = default
        if value is None:
            raise ModelFileError(f"{self.path} does not say {names[0]}, so qtui can't read it as a language model")
        return value

    def positive(self, *names: str, default: int | None = None) -> int:
        """Like `count`, and not 0."""
        value = self.count(*names, default=default)
        if value == 0:
            raise self.wrong(names[0], "more than 0")
        return value

    def real(self, name: str, default: float) -> float:
        """A finite number; `default` where it is not there."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise self.wrong(name, "a number")
        return float(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """True, false, or 0 or 1; `default` where it is not there."""
        value = self.values.get(name)
        if value is None:
            return default
        if value not in (True, False) or not isinstance(value, (bool, int)):
            raise self.wrong(name, "true or false")
        return bool(value)

    def text(self, name: str, default: str = "") -> str:
        """A text; `default` where it is not there."""
        value = self.values.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.wrong(name, "a text")
        return value

    def items(self, name: str, kind: type | tuple[type, ...], length: int | None = None) -> list[Any] | None:
        """A list of values of `kind`, at least `length` long; None where it is not there."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, kind) for item in value):
            raise self.wrong(name, "a list")
        if length is not None and len(value) < length:
            raise self.wrong(name, f"a list of {length}")
        return list(value)

    def inside(self, name: str) -> ConfigFields:
        """The object called `name`; an empty one where it is not there."""
        value = self.values.get(name)
        if value is None:
            return ConfigFields(self.path, {})
        if not isinstance(value, Mapping):
            raise self.wrong(name, "an object")
        return ConfigFields(self.path, value)

    def layers(self, *names: str) -> int:
        """The number of layers. Raises ModelFileError for none or absurdly many."""
        count = self.positive(*names)
        if count > LAYERS_LIMIT:
            raise self.wrong(names[0], f"at most {LAYERS_LIMIT:,}")
        return count

    def wrong(self, name: str, wanted: str) -> ModelFileError:
        """The error for a value that is not what it should be."""
        shown = repr(self.values.get(name))
        shown = shown if len(shown) <= 40 else shown[:39] + "…"
        return ModelFileError(f"{self.path} is corrupt: {name} is {shown}, not {wanted}; download it again")


def grouped_layers(layers: Iterable[G | None]) -> tuple[G, ...]:
    """Equal layers put together, each group with its number of `layers`, in the order of their first."""
    counts: dict[G, int] = {}
    for layer in layers:
        if layer is not None:
            counts[layer] = counts.get(layer, 0) + 1
    return tuple(replace(layer, layers=count) for layer, count in counts.items())
