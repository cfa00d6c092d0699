"""What a storage format is, and the registry of them all.

A `Format` knows what it costs (whole bytes per block, so an exact number of bits per weight) without importing
numpy; its `codec`, imported on first use, knows what it does to numbers. Families register their formats in the
modules named by `FAMILIES`; adding a format is adding one object to one of them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

    from qtui.compute.codec import Codec

# Modules with a FORMATS tuple and, where a family takes options ("int4:asym,block=32"), a `parse(spec)` function
# that returns a Format or None. None of them imports numpy.
FAMILIES = (
    "qtui.compute.floats.formats",
    "qtui.compute.ints.formats",
    "qtui.compute.ggml.formats",
    "qtui.compute.mx.formats",
    "qtui.compute.codebooks.formats",
    "qtui.compute.smart.formats",
)


@dataclass(frozen=True)
class Format:
    """A way to store weights.

    `block_bytes` bytes hold `block_size` weights, scales included. `row_bytes_extra` and `tensor_bytes_extra` are
    what a whole row or tensor stores once on top (a per-row or per-tensor scale).
    `codec_path` is "module:attribute" of a Codec, or of a class or function that `codec_options` make one with.
    """

    name: str
    family: str
    block_size: int
    block_bytes: int
    description: str
    codec_path: str
    row_bytes_extra: int = 0
    tensor_bytes_extra: int = 0
    can_encode: bool = True
    codec_options: tuple[tuple[str, str | int | float | bool], ...] = ()

    @property
    def bits_per_weight(self) -> Fraction:
        """Exact bits per weight inside a block; per-row and per-tensor extras come on top (see `bits_for`)."""
        from fractions import Fraction

        return Fraction(8 * self.block_bytes, self.block_size)

    def row_bytes(self, columns: int) -> int:
        """Bytes of one row of `columns` weights; a short last block is stored whole."""
        return -(-columns // self.block_size) * self.block_bytes + self.row_bytes_extra

    def nbytes(self, shape: tuple[int, ...]) -> int:
        """Bytes of a tensor of `shape`, last axis contiguous, blocks along it."""
        rows = 1
        for size in shape[:-1]:
            rows *= size
        return rows * self.row_bytes(shape[-1] if shape else 1) + self.tensor_bytes_extra

    def bits_for(self, shape: tuple[int, ...]) -> float:
        """Bits per weight of a tensor of `shape`, extras included."""
        count = 1
        for size in shape:
            count *= size
        return 8 * self.nbytes(shape) / count if count else 0.0

    @property
    def codec(self) -> Codec:
        """The encoder and decoder, imported now."""
        module, _, attribute = self.codec_path.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        options = dict(self.codec_options)
        made: Codec = found(**options) if options or isinstance(found, type) else found
        return made


def all_formats() -> tuple[Format, ...]:
    """Every named format, family by family."""
    return tuple(fmt for family in FAMILIES for fmt in importlib.import_module(family).FORMATS)


@lru_cache(maxsize=256)
def get_format(spec: str) -> Format:
    """The format that `spec` names, in any case, options included.

    Raises ValueError with near matches when there is none.
    """
    wanted = spec.strip().lower()
    # No two families know the same name, and importing one takes time: first the one that is called like the format,
    # then the small ones, which are the last.
    named = [family for family in FAMILIES if wanted.startswith(family.rpartition("_")[2].rstrip("s"))]
    for family in (*named, *reversed(FAMILIES)):
        module = importlib.import_module(family)
        for fmt in module.FORMATS:
            if fmt.name.lower() == wanted:
                found: Format = fmt
                return found
        parse: Callable[[str], Format | None] | None = getattr(module, "parse", None)
        made = parse(wanted) if parse else None
        if made is not None:
            return made
    import difflib

    names = {fmt.name.lower(): fmt.name for fmt in all_formats()}
    near = [names[name] for name in difflib.get_close_matches(wanted, names, n=3, cutoff=0.5)]
    hint = f"did you mean {', '.join(near)}?" if near else "see `qtui formats`"
    raise ValueError(f"no format is called {spec!r}; {hint}")
