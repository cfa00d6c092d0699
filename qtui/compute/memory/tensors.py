"""What a tensor is to the arithmetic: a name, a shape, and the part of the model that it belongs to.

Names are those of GGUF files, since llama.cpp's rules for mixed formats go by name. Shapes have rows first; the last
axis is contiguous (ggml's ne[0]).
"""

from math import prod
from typing import NamedTuple

# Parts, in the order in which they are listed to people.
PARTS = (
    "embedding",
    "attention",
    "ffn",
    "experts",
    "shared",
    "router",
    "norms",
    "output",
    "mtp",
    "vision",
    "other",
    "all",
)


class Tensor(NamedTuple):
    """One stored array. `part` is one of PARTS."""

    name: str
    shape: tuple[int, ...]
    part: str

    @property
    def size(self) -> int:
        """Number of values."""
        return prod(self.shape)


def matrix(name: str, rows: int, columns: int, part: str) -> Tensor:
    """A weight matrix with `columns` inputs and `rows` outputs."""
    return Tensor(f"{name}.weight", (rows, columns), part)


def vector(name: str, count: int, part: str = "norms") -> Tensor:
    """A norm, bias or other one-dimensional tensor."""
    return Tensor(name, (count,), part)


def rest(name: str, count: int, columns: int, part: str = "other") -> list[Tensor]:
    """`count` values of which only the number is known: matrix rows where they can be, the remainder a vector."""
    rows = count // columns if count >= 16 * columns else 0
    found = [matrix(name, rows, columns, part)] if rows else []
    left = count - rows * columns
    return found + ([vector(name, left, part)] if left else [])
