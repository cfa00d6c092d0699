"""What a tensor is to the arithmetic: a name, a shape, and the part of the model that it belongs to.

Names are those of GGUF files, since llama.cpp's rules for mixed formats go by name. Shapes have rows first; the last
axis is contiguous (ggml's ne[0]).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

# Parts, in the order in which they are listed to people.
PARTS = (
    *("embedding", "attention", "ffn", "experts", "shared", "router", "norms", "output"),
    *("mtp", "vision", "other", "all"),
)


class WeightTensor(NamedTuple):
    """One stored array. `part` is one of PARTS."""

    name: str
    shape: tuple[int, ...]
    part: str

    @property
    def size(self) -> int:
        """Number of values."""
        return prod(self.shape)


class EqualTensors(NamedTuple):
    """Tensors that are alike: one in each of `layers` (None outside the layers), at `places` in the file's order.

    Models are made of a few such groups, however deep they are.
    """

    tensor: WeightTensor
    layers: tuple[int | None, ...]
    places: tuple[int, ...]


def gathered(listed: Iterable[tuple[int | None, WeightTensor]]) -> tuple[EqualTensors, ...]:
    """Tensors, as (layer or None, tensor) in the file's order, with equal ones together."""
    alike: dict[WeightTensor, tuple[list[int | None], list[int]]] = {}
    for place, (layer, tensor) in enumerate(listed):
        known = alike.get(tensor)
        if known is None:
            known = alike[tensor] = ([], [])
        known[0].append(layer)
        known[1].append(place)
    return tuple(EqualTensors(tensor, tuple(layers), tuple(at)) for tensor, (layers, at) in alike.items())


def matrix(name: str, rows: int, columns: int, part: str) -> WeightTensor:
    """A weight matrix with `columns` inputs and `rows` outputs."""
    return WeightTensor(f"{name}.weight", (rows, columns), part)


def vector(name: str, count: int, part: str = "norms") -> WeightTensor:
    """A norm, bias or other one-dimensional tensor."""
    return WeightTensor(name, (count,), part)


def rest(name: str, count: int, columns: int, part: str = "other") -> list[WeightTensor]:
    """`count` values of which only the number is known: matrix rows where they can be, the remainder a vector."""
    rows = count // columns if count >= 16 * columns else 0
    tensors = [matrix(name, rows, columns, part)] if rows else []
    left = count - rows * columns
    return tensors + ([vector(name, left, part)] if left else [])


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)  # its subclasses have their own
class LayerGroup:
    """One half of `layers` equal layers: their mixer or their feed-forward part.

    `norms` norm vectors of the hidden size belong to it, and `extra` parameters of which only the number is known.
    """

    layers: int = 1
    norms: int = 1
    extra: int = 0

    def norm_tensors(self, names: tuple[str, str], h: int, biased: bool) -> list[WeightTensor]:
        """The norms of one layer in a model of hidden size `h`, called by `names`."""
        labels = [names[i] if i < len(names) else f"{names[1]}_{i}" for i in range(self.norms)]
        tensors = [vector(f"{label}.weight", h) for label in labels]
        return tensors + ([vector(f"{label}.bias", h) for label in labels] if biased else [])
