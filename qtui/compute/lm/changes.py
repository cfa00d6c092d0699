"""What stands between a file and the forward pass: formats for weights, for activations, for cached keys and values.

Which format each tensor gets follows llama-quantize: vectors and norms stay, rows that a type can't divide take its
fallback, a tensor that is stored in the type already is left alone, and named mixes (Q4_K_M) follow their rules.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.cache import Cache
from qtui.compute.errors.meter import rows_together
from qtui.compute.floats.names import usual_name
from qtui.compute.formats import Format, FormatError, get_format
from qtui.compute.lm.threads import THREADS
from qtui.compute.lm.transformer import IDS, Change, LmWeights, PieceWork
from qtui.compute.memory import mixes
from qtui.compute.memory.tensors import WeightTensor, gathered

F32 = NDArray[np.float32]
KEEP = "keep"
PIECE = 2  # a matrix above half of the memory is not kept
CHUNK = 1 << 17  # weights encoded at once
MIX = "mix:"
LARGEST_BLOCK = 256  # weights


@dataclass(frozen=True)
class StoredTensor:
    """A tensor as the file has it: GGUF name, layer (None outside of them), shape, ggml type or dtype, bytes."""

    name: str
    layer: int | None
    shape: tuple[int, ...]
    format: str
    nbytes: int

    @property
    def count(self) -> int:
        """Number of weights."""
        return int(np.prod(self.shape, dtype=np.int64))


@dataclass(frozen=True)
class Assignment:
    """A format for each tensor, by name; what stays as it is, is not in `formats`.

    `fallbacks` are names whose rows the wanted type does not divide, with the type that they got instead;
    `fell_back` counts their weights. `changed` and `already` count the weights that get another format and that were
    stored in theirs before; `nbytes` and `weights` are of all tensors.
    """

    spec: str
    formats: Mapping[str, str]
    fallbacks: tuple[tuple[str, str], ...]
    changed: int
    already: int
    nbytes: int
    weights: int
    fell_back: int

    @property
    def no_op(self) -> bool:
        """Whether the file mostly has these formats already, so that measuring them says nothing about them."""
        return self.already > self.changed


def quantizable(tensors: Sequence[StoredTensor]) -> list[StoredTensor]:
    """The tensors that llama-quantize would touch."""
    return [t for t in tensors if not mixes.stays_float32(WeightTensor(t.name, t.shape, "other"))]


def assign(
    spec: str,
    tensors: Sequence[StoredTensor],
    shape: mixes.MixShape,
    by_hand: Mapping[str, str] | None = None,
    *,
    imatrix: bool = False,
) -> Assignment:
    """The formats that `spec` means for a model's `tensors`.

    `spec` is a format of the registry, for all matrices, embedding and head too; a named mix of llama-quantize, with
    "mix:" before it where a format has the same name; or "keep". `by_hand` decides single tensors, in the same words.
    Raises FormatError for what is neither, and for a mix that needs an importance matrix.
    """
    touched = quantizable(tensors)
    types = _types(spec, touched, shape, by_hand or {}, imatrix)
    formats: dict[str, str] = {}
    fallbacks = []
    changed = already = fell_back = 0
    sizes = {t.name: t.nbytes for t in tensors}
    for tensor in touched:
        if tensor.name not in types:
            continue
        wanted, given = types[tensor.name]
        if given.name != wanted.name:
            fallbacks.append((tensor.name, given.name))
            fell_back += tensor.count
        if usual_name(given.name) == usual_name(tensor.format):
            already += tensor.count
            continue
        formats[tensor.name] = given.name
        changed += tensor.count
        sizes[tensor.name] = given.nbytes(tensor.shape)
    nbytes, weights = sum(sizes.values()), sum(t.count for t in tensors)
    return Assignment(spec, formats, tuple(fallbacks), changed, already, nbytes, weights, fell_back)


def _types(
    spec: str, touched: Sequence[StoredTensor], shape: mixes.MixShape, by_hand: Mapping[str, str], imatrix: bool
) -> dict[str, tuple[Format, Format]]:
    """The type that each tensor would have if rows always divided, and the one that it gets; none for what stays."""
    mix = mix_called(spec)
    of_mix = _types_of_mix(mix, touched, shape, imatrix) if mix is not None else {}
    usual = get_format(spec) if mix is None and spec != KEEP else None
    types = {}
    for tensor in touched:
        kind = by_hand.get(tensor.name)
        if kind is None and tensor.name in of_mix:
            types[tensor.name] = of_mix[tensor.name]
            continue
        fmt = usual if kind is None else get_format(kind) if kind != KEEP else None
        if fmt is not None:
            types[tensor.name] = fmt, _fitting(fmt, tensor.shape[-1])
    return types


def _types_of_mix(
    mix: str, touched: Sequence[StoredTensor], shape: mixes.MixShape, imatrix: bool
) -> dict[str, tuple[Format, Format]]:
    """What a mix would give each tensor if rows always divided, and what it gives. Raises FormatError."""
    if mix in mixes.IMATRIX_ONLY and not imatrix:
        raise FormatError(f"the mix {mix} needs an importance matrix; give one with --imatrix")
    ordered = sorted(touched, key=lambda t: -1 if t.layer is None else t.layer)

    def chosen(block: int) -> dict[str, Format]:
        """The mix's types for rows filled up to whole blocks of `block`."""
        shapes = [(*t.shape[:-1], -(-t.shape[-1] // block) * block) for t in ordered]
        listed = [(t.layer, WeightTensor(t.name, s, "other")) for t, s in zip(ordered, shapes, strict=True)]
        types = mixes.choose_all(mix, shape, gathered(listed), imatrix)
        return {same.tensor.name: get_format(kind) for same, kind in types}

    wanted, given = chosen(LARGEST_BLOCK), chosen(1)
    return {name: (wanted[name], given[name]) for name in wanted}


def mix_called(spec: str) -> str | None:
    """The mix that `spec` names; None for a format. A name that both have is the format's, unless "mix:" precedes."""
    name = spec.removeprefix(MIX).upper()
    if name not in mixes.MIXES:
        return None
    if spec.startswith(MIX):
        return name
    try:
        get_format(spec)
    except FormatError:
        return name
    return None


def fitting(spec: str, tensor: StoredTensor) -> str:
    """The format that a tensor gets where `spec` is wanted: its fallback where rows don't divide."""
    return _fitting(get_format(spec), tensor.shape[-1]).name


def _fitting(fmt: Format, columns: int) -> Format:
    """`fmt`, or llama-quantize's fallback for rows that it does not divide."""
    if not fmt.whole_blocks or columns % fmt.block_size == 0:
        return fmt
    return get_format(mixes.fitting(fmt.name, columns))


def requantized(values: F32, fmt: Format, importance: F32 | None = None, out: F32 | None = None) -> F32:
    """`values` float32 (rows, columns) as `fmt` stores them, in `out` where it is given.

    Raises ValueError for what it can't encode.
    """
    codec = fmt.codec
    rows, columns = values.shape
    together = _together(fmt, columns) or rows
    step = max(1, together * max(1, CHUNK // max(columns * together, 1)))
    stored = np.empty_like(values) if out is None else out

    def part(start: int) -> None:
        encoded = codec.encode(np.ascontiguousarray(values[start : start + step]), importance)
        stored[start : start + step] = codec.decode(encoded)

    THREADS.spread(part, range(0, rows, step))
    return stored


def _together(fmt: Format, columns: int) -> int:
    """How many rows are encoded together; 0 for all, where something is shared by the whole tensor."""
    return 0 if fmt.tensor_bytes_extra else rows_together([fmt], columns)


class ChangedWeights:
    """Weights of `source` in other formats; those used last are kept within `memory` bytes.

    `importance` float32 (columns,) by tensor weighs what is encoded; `zeroed` are (row, column) of single weights
    that are set to 0 afterwards.
    """

    def __init__(
        self,
        source: LmWeights,
        formats: Mapping[str, str],
        memory: int,
        importance: Mapping[str, F32] | None = None,
        zeroed: Mapping[str, Sequence[tuple[int, int]]] | None = None,
    ) -> None:
        self._source = source
        self._formats = formats
        self._importance = importance or {}
        self._zeroed = zeroed or {}
        self._memory = memory
        self._kept: Cache[F32] = Cache(memory, lambda values: values.nbytes)

    def __contains__(self, name: str) -> bool:
        return name in self._source

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor."""
        return self._source.shape(name)

    def get(self, name: str) -> F32:
        """The tensor called `name`, changed where it is to be; not to be written to."""
        return self._kept.get(name, lambda: self._whole(name))

    def rows(self, name: str, ids: IDS) -> F32:
        """Rows `ids` (n,) of a matrix, float32 (n, columns)."""
        if name in self._kept or not self._by_row(name):
            return self.get(name)[ids]
        unique, places = np.unique(ids, return_inverse=True)
        return self._changed(name, self._source.rows(name, unique))[places.reshape(-1)]

    def spread(self, name: str, work: PieceWork, few: bool = False) -> None:
        """Call `work(rows, piece)` for pieces float32 (rows, columns) of a matrix, in several threads.

        They are changed on the way, and kept where the matrix is small beside the memory.
        """
        shape = self._source.shape(name)
        large = PIECE * 4 * math.prod(shape) > self._memory
        if name in self._kept or not (self._by_row(name) and (large or name in self._formats)):
            THREADS.over_rows(self.get(name), work, few)
            return
        room = np.empty((0, shape[1]) if large else shape, np.float32)

        def change(rows: slice, piece: F32) -> None:
            work(rows, self._changed(name, piece, None if large else room[rows]))

        self._source.spread(name, change)
        if not large:
            self._kept.get(name, lambda: room)

    def _by_row(self, name: str) -> bool:
        """Whether each row of a tensor can be made without the others."""
        if name in self._zeroed:
            return False
        kind = self._formats.get(name)
        return kind is None or _together(get_format(kind), self._source.shape(name)[-1]) == 1

    def _whole(self, name: str) -> F32:
        """A tensor; piece by piece where it is changed, so that beside it there is little of what it was."""
        if name not in self._formats or not self._by_row(name):
            return self._changed(name, self._source.get(name))
        made = np.empty(self._source.shape(name), np.float32)
        self._source.spread(name, lambda rows, piece: self._changed(name, piece, made[rows]))
        return made

    def _changed(self, name: str, values: F32, out: F32 | None = None) -> F32:
        kind, places = self._formats.get(name), self._zeroed.get(name, ())
        if kind is not None:
            values = requantized(values, get_format(kind), self._importance.get(name), out)
        elif places:
            values = values.copy()
        for row, column in places:
            values[row, column] = 0
        return values


def storing(spec: str) -> Change | None:
    """Rows as a format stores them, for cached keys or values; None for "", f32 and "none", which change nothing.

    Raises FormatError for an unknown format.
    """
    if spec.lower() in ("", "none", "f32", "float32"):
        return None
    fmt = get_format(spec)
    return lambda rows: requantized(np.ascontiguousarray(rows), fmt)


def per_token(spec: str) -> Change | None:
    """Activations in 8 bits with a scale for each token: "int8" (largest at 127) or "fp8" (E4M3, largest at 448).

    None for "". Raises FormatError for anything else.
    """
    if spec in ("", "none"):
        return None
    if spec == "int8":
        return lambda rows: _scaled(rows, 127.0, np.rint)
    if spec in ("fp8", "e4m3"):
        fmt = get_format("float8_e4m3fn:saturate")
        return lambda rows: _scaled(rows, 448.0, lambda x: requantized(x, fmt))
    raise FormatError(f"activations can be int8 or fp8, not {spec!r}")


def _scaled(rows: F32, most: float, rounded: Change) -> F32:
    scale = np.abs(rows).max(axis=1, keepdims=True) / np.float32(most)
    scale[scale == 0] = 1
    restored: F32 = rounded(rows / scale) * scale
    return restored
