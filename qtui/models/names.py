"""Tensor names: which layer they belong to, what repeats from layer to layer, and finding them by a few letters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from qtui.models.files import Tensor

_NUMBER = re.compile(r"(?<=[.])\d+(?=[.]|$)|^\d+(?=[.])")


def pattern_of(name: str) -> str:
    """The name with its numbers replaced: "blk.17.attn_q.weight" gives "blk.*.attn_q.weight"."""
    return _NUMBER.sub("*", name)


def layer_of(name: str) -> int | None:
    """The first number in the name: 17 in "model.layers.17.mlp.experts.3.w1"; None where there is none."""
    found = _NUMBER.search(name)
    return int(found[0]) if found and len(found[0]) < 7 else None


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
    """A key that sorts blk.2 before blk.10."""
    return tuple((0, int(part), "") if _is_number(part) else (1, 0, part) for part in name.split("."))


def _is_number(part: str) -> bool:
    return part.isdigit() and part.isascii() and len(part) < 19


def find(query: str, names: Iterable[str]) -> list[str]:
    """Names that hold every word of `query`, in any case; where none does, those that hold its letters in order.

    Names where the words stand whole, between dots and underscores, come first; else the order of `names` is kept.
    """
    words = query.lower().split()
    found = ((_rank(words, name.lower()), place, name) for place, name in enumerate(names))
    ranked = sorted(entry for entry in found if entry[0] < 3)
    return [name for rank, _, name in ranked if rank < 2 or ranked[0][0] == 2]


def _rank(words: list[str], name: str) -> int:
    """0 for whole words, 1 for parts of words, 2 for scattered letters, 3 for no match."""
    if all(word in name for word in words):
        pieces = {*name.split("."), *re.split("[._]", name)}
        return 0 if pieces.issuperset(words) else 1
    return 2 if all(_in_order(word, name) for word in words) else 3


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)
