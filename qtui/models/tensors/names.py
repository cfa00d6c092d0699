"""Tensor names: which layer they belong to, what repeats from layer to layer, and finding them by a few letters."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from qtui.models.files.model_file import Tensor

_DIGITS = re.compile(r"([0-9]+)")
_NUMBER = re.compile(r"(?<=[.])\d+(?=[.]|$)|^\d+(?=[.])")


def pattern_of(name: str) -> str:
    """The name with its numbers replaced: "blk.17.attn_q.weight" gives "blk.*.attn_q.weight"."""
    return _NUMBER.sub("*", name)


def layer_of(name: str) -> int | None:
    """The first number in the name: 17 in "model.layers.17.mlp.experts.3.w1"; None where there is none."""
    match = _NUMBER.search(name)
    return int(match[0]) if match and len(match[0]) < 7 else None


@dataclass(frozen=True)
class TensorGroup:
    """Tensors of one pattern, dtype and shape, in the order of the file."""

    pattern: str
    tensors: tuple[Tensor, ...]

    @property
    def nbytes(self) -> int:
        """Bytes of all of them together."""
        return sum(tensor.nbytes for tensor in self.tensors)


def grouped(tensors: Iterable[Tensor]) -> tuple[TensorGroup, ...]:
    """Tensors that repeat from layer to layer put together, in the order of their first one."""
    groups: dict[tuple[str, str, tuple[int, ...]], list[Tensor]] = {}
    for tensor in tensors:
        groups.setdefault((pattern_of(tensor.name), tensor.dtype, tensor.shape), []).append(tensor)
    return tuple(
        TensorGroup(pattern if len(members) > 1 else members[0].name, tuple(members))
        for (pattern, _, _), members in groups.items()
    )


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts blk.2 before blk.10, and layer 2 before layer 10."""
    return tuple((0, int(part), "") if _is_number(part) else (1, 0, part) for part in _DIGITS.split(name))


def _is_number(part: str) -> bool:
    return part.isdecimal() and len(part) < 19


def find(query: str, names: Collection[str]) -> list[str]:
    """Names that hold every word of `query`, in any case; where none does, those that hold its letters in order.

    Names where the words stand whole, between dots and underscores, come first; else the order of `names` is kept.
    """
    words = query.lower().split()
    held = [(name.lower(), name) for name in names]
    for word in words:
        held = [pair for pair in held if word in pair[0]]
    if not held:
        letters = [re.compile(".*?".join(map(re.escape, word)), re.DOTALL).search for word in words]
        return [name for name in names if all(search(name.lower()) for search in letters)]
    whole = [re.compile(rf"(?<![^._]){re.escape(word)}(?![^._])").search for word in words]
    ranked = [(not all(search(low) for search in whole), name) for low, name in held]
    return [name for part, name in ranked if not part] + [name for part, name in ranked if part]
