"""From the tensors that a quantizer stored to the one weight that they stand for."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from qtui.models.files.model_file import Packing, Tensor


@dataclass(frozen=True)
class Undecoded(Packing):
    """A weight whose shape is known, and whose values qtui does not decode, for the reason `why`."""

    why: str

    @property
    def problem(self) -> str:
        """Why the values can't be decoded."""
        return self.why


def weight(name: str, shape: tuple[int, ...], dtype: str, packing: Packing) -> Tensor:
    """The weight called `name`, in the place of its codes and with the bytes of all its parts."""
    codes = packing.parts[0]
    nbytes = sum(part.nbytes for part in packing.parts)
    return Tensor(name, shape, dtype, codes.offset, nbytes, codes.path, codes.identity, "C", packing)


def rows_of(shape: tuple[int, ...]) -> int:
    """Rows of a tensor, all axes but the innermost taken together."""
    return prod(shape[:-1])


def size_of_blocks(length: int, blocks: int, *likely: int) -> int:
    """How many of `length` share a scale where there are `blocks` of them; 0 where that does not work out.

    The last block may be shorter; `likely` sizes are tried first.
    """
    if blocks == 1:
        return length
    for size in (*likely, 128, 64, 32, 16):
        if size and -(-length // size) == blocks:
            return size
    return length // blocks if blocks and length % blocks == 0 else 0
