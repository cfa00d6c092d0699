"""What every reader returns: `ModelFile`, the tensors and metadata of a model on disk, known from its headers alone.

`open_model` in `open.py` finds out what a path is; `qtui.models.tensors` reads weights.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import prod
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol

from qtui.compute.dtypes import DTYPES
from qtui.error import near_matches
from qtui.models.files.source import ModelFileError, cut_short, quoted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor as its header describes it.

    `shape` has the outermost axis first (rows, columns), whichever order the file uses; `dtype` is the file's own
    word ("BF16", "Q4_K"); `offset` is absolute in the file at `path`. `identity` is that of the file whose header
    described it: values are only read from that very file. `order` "F" says that the innermost axis is the first,
    as in some .npy files.

    `packing` is set where a quantizer stored the weight as several tensors that have been joined to this one
    (`qtui.models.quantized`): `dtype` is then the type of its codes ("INT4", "NF4"), `nbytes` counts all of them.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    offset: int
    nbytes: int
    path: str
    identity: str = ""
    order: str = "C"
    packing: Packing | None = None

    @property
    def count(self) -> int:
        """Number of values."""
        return prod(self.shape)

    @property
    def format(self) -> str | None:
        """Name of the storage format in the registry; None for integers, booleans and complex numbers.

        The dtype itself where several tensors were joined and the registry has no such format.
        """
        plain = DTYPES.get(self.dtype)
        return self.dtype if plain is None else plain.format


class StoredParts(Protocol):
    """Reads the tensors that a packed weight is made of: integers as they are, floats as float32."""

    def rows(self, part: Tensor, first: int, last: int, total: int) -> NDArray[Any]:
        """Rows `first` to `last` (excluded) of `part` seen as `total` rows: (last - first, n)."""
        ...

    def columns(self, part: Tensor, first: int, last: int) -> NDArray[Any]:
        """Columns `first` to `last` (excluded) of the matrix `part`, each as a row: (last - first, n)."""
        ...

    def whole(self, part: Tensor) -> NDArray[Any]:
        """All values of a small part, in its shape."""
        ...


@dataclass(frozen=True)
class Packing:
    """How a weight is decoded from the tensors that a quantizer stored for it.

    `parts` are these tensors, the codes first; `unit` is the number of values that are decoded together, in the
    order of the weight's values; `quantizer` is what made them ("awq", "bnb-nf4", ...).
    """

    parts: tuple[Tensor, ...]
    unit: int
    quantizer: str

    @property
    def problem(self) -> str:
        """Why the values can't be decoded; nothing where they can."""
        return ""

    def decode(self, stored: StoredParts, first: int, last: int) -> NDArray[np.float32]:
        """Units `first` to `last` (excluded), float32; the last unit of a weight may be shorter than the others."""
        raise ModelFileError(f"{quoted(self.parts[0].name)} can't be decoded: {self.problem}")


@dataclass(frozen=True)
class ModelFile:
    """A model on disk.

    `kind` is "gguf", "safetensors", "config" (a config.json alone, without tensors), "npy" (one array) or "imatrix"
    (the older list of llama-imatrix). `path` is what was asked for, `paths` the files that hold the tensors.
    `metadata` values are plain JSON values, or `LazyArray` for the arrays of a GGUF. `config_path` is the
    config.json beside the weights, if there is one, and `config` its content where it did not come from a file of
    this machine.
    `identity` changes whenever a file of the model does. `quantizer` is what made the weights of a checkpoint
    smaller ("awq", "bnb-nf4", ...), known where its tensors have been joined; `notes` are sentences about what is
    odd in the files and was passed over.
    """

    path: str
    kind: str
    paths: tuple[str, ...]
    tensors: tuple[Tensor, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    config_path: str | None = None
    identity: str = ""
    config: Mapping[str, Any] | None = None
    quantizer: str = ""
    notes: tuple[str, ...] = ()

    @property
    def parameters(self) -> int:
        """Values in all tensors together."""
        return sum(tensor.count for tensor in self.tensors)

    @property
    def nbytes(self) -> int:
        """Bytes of all tensors together, without headers and padding."""
        return sum(tensor.nbytes for tensor in self.tensors)

    def tensor(self, name: str) -> Tensor:
        """The tensor called `name`. Raises ModelFileError with near matches where there is none."""
        for tensor in self.tensors:
            if tensor.name == name:
                return tensor
        near = near_matches(name, [tensor.name for tensor in self.tensors])
        hint = f"did you mean {', '.join(near)}?" if near else "see `qtui inspect` for the names"
        raise ModelFileError(f"{self.path} has no tensor called {quoted(name)}; {hint}")


def check_extents(name: str, size: int, tensors: Sequence[Tensor]) -> None:
    """Raise ModelFileError where tensors of one file overlap, end past its `size`, or share a name."""
    seen: set[str] = set()
    for tensor in tensors:
        if tensor.name in seen:
            raise ModelFileError(
                f"{name} is corrupt: the tensor {quoted(tensor.name)} appears twice; download or convert it again"
            )
        seen.add(tensor.name)
    end, before = 0, ""
    for tensor in sorted(tensors, key=attrgetter("offset", "nbytes")):
        if tensor.offset + tensor.nbytes > size:
            raise cut_short(name, size)
        if tensor.offset < end:
            raise ModelFileError(
                f"{name} is corrupt: the tensors {quoted(before)} and {quoted(tensor.name)} overlap; get it again"
            )
        end, before = tensor.offset + tensor.nbytes, tensor.name


@contextmanager
def collecting_later() -> Iterator[None]:
    """Put off the search for garbage while many objects are made that all stay, such as the tensors of a large model.

    It goes over all of them again and again: without it a tree of 200,000 tensors is built in a third of the time.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
