"""The numbers that the Quantizer stores: typed, drawn, or read from a tensor on disk, one row or all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qtui.compute import data
from qtui.compute.distributions import distribution
from qtui.scenario.base import UserError, user_input
from qtui.scenario.quantizer.scenario import QuantizerScenario

if TYPE_CHECKING:
    from qtui.models.files.model_file import Tensor

F32 = NDArray[np.float32]

WHOLE = 1 << 16  # values up to which everything is kept and shown
CHUNK = 1 << 19  # values encoded at a time beyond that


@dataclass(frozen=True)
class NumbersPiece:
    """Values `x` float32 (rows, columns) that start at flat position `start` and column `column`."""

    start: int
    column: int
    x: F32


@dataclass(frozen=True)
class Numbers:
    """Rows of weights to quantize: `values` (rows, columns) where they are in memory, else a `tensor` on disk.

    `shape` is that of the array they came in, whose last axis is `columns` long and whose other axes are the rows.
    `short` says that rows may be shorter than a block and are then padded: true for what a person typed or had
    drawn, false for files, whose bytes must come out as they would be stored. `tensors` are the names to choose from.
    """

    title: str
    shape: tuple[int, ...]
    short: bool
    values: F32 | None = None
    tensor: Tensor | None = None
    tensors: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many weights there are."""
        return prod(self.shape)

    @property
    def columns(self) -> int:
        """Weights of a row."""
        return self.shape[-1]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.count // self.columns

    def head(self, whole_rows: bool) -> F32:
        """The first rows, at most WHOLE values and at least a row; of a longer row its first WHOLE values,
        unless `whole_rows`."""
        rows = min(self.rows, max(1, WHOLE // self.columns))
        columns = self.columns if whole_rows else min(self.columns, WHOLE)
        if self.values is not None:
            return self.values[:rows, :columns]
        return self._read(0, rows * self.columns if columns == self.columns else columns).reshape(rows, columns)

    def pieces(self, block: int, whole_rows: bool) -> Iterator[NumbersPiece]:
        """All values in order, in pieces of about CHUNK: whole rows, or whole blocks of a row longer than that."""
        if self.columns <= CHUNK or whole_rows:
            step = max(1, CHUNK // self.columns)
            for row in range(0, self.rows, step):
                stop = min(row + step, self.rows)
                x = self._range(row * self.columns, stop * self.columns).reshape(stop - row, self.columns)
                yield NumbersPiece(row * self.columns, 0, x)
            return
        step = max(1, CHUNK // block) * block
        for row in range(self.rows):
            for column in range(0, self.columns, step):
                start = row * self.columns + column
                stop = row * self.columns + min(column + step, self.columns)
                yield NumbersPiece(start, column, self._range(start, stop).reshape(1, -1))

    def everything(self) -> Iterator[NumbersPiece]:
        """All values in one piece, for formats that look at a whole tensor."""
        yield NumbersPiece(0, 0, self._range(0, self.count).reshape(self.rows, self.columns))

    def _range(self, start: int, stop: int) -> F32:
        if self.values is not None:
            return self.values.reshape(-1)[start:stop]
        return self._read(start, stop)

    def _read(self, start: int, stop: int) -> F32:
        from qtui.scenario.quantizer.file import values_of

        assert self.tensor is not None
        return values_of(self.tensor, start, stop)


def read_numbers(scenario: QuantizerScenario) -> Numbers:
    """What `scenario` asks to quantize, its outlier put in. Raises UserError where that can't be had."""
    path = file_of(scenario)
    if path:
        numbers = _from_file(path, scenario)
    elif scenario.values:
        if scenario.dist:
            raise UserError("numbers are typed or drawn, not both; leave out --dist or the numbers")
        with user_input():
            numbers = _in_memory(data.parse_numbers(scenario.values), "typed numbers")
    elif scenario.dist:
        with user_input():
            drawn = data.draw(
                scenario.dist,
                scenario.size,
                seed=scenario.seed,
                spread=scenario.spread,
                strength=scenario.strength,
            )
        kind = distribution(scenario.dist)
        numbers = _in_memory(drawn, f"{kind.title}, seed {scenario.seed}")
    else:
        numbers = _in_memory(np.array(data.ESSAY, np.float32), "weights of a small model")
    return numbers if scenario.outlier is None else _with_outlier(numbers, scenario.outlier, append=not scenario.dist)


def file_of(scenario: QuantizerScenario) -> str:
    """The path that `scenario` names, or "" where it has numbers of its own. Raises UserError where it names two."""
    named = [v for v in scenario.values if looks_like_path(v)] if len(scenario.values) == 1 else []
    if scenario.source and scenario.values:
        raise UserError("numbers come from one place; give --in FILE or values, not both")
    if scenario.source and scenario.dist or named and scenario.dist:
        raise UserError("numbers are read or drawn, not both; leave out --dist or the file")
    path = scenario.source or (named[0] if named else "")
    if not path and (scenario.tensor or scenario.row is not None):
        raise UserError("--tensor and --row choose from a file; name the file as well")
    return path


def kind_of(scenario: QuantizerScenario) -> str:
    """Where the numbers are from: "essay", "typed", "file" or the name of a distribution."""
    if scenario.dist:
        return scenario.dist
    return "file" if file_of(scenario) else "typed" if scenario.values else "essay"


def looks_like_path(text: str) -> bool:
    """Whether a typed value is a file rather than numbers."""
    return text.lower().endswith((".npy", ".safetensors", ".gguf", ".json")) or "/" in text


def _in_memory(values: F32, title: str) -> Numbers:
    return Numbers(title, (len(values),), True, values.reshape(1, -1))


def _with_outlier(numbers: Numbers, outlier: float, append: bool) -> Numbers:
    if numbers.values is None or numbers.rows > 1:
        raise UserError("an outlier can be put into typed or drawn numbers or one --row of a file; choose a row")
    changed = data.with_outlier(numbers.values[0], outlier, append=append and numbers.short)
    title = f"{numbers.title}, with an outlier of {outlier:g}"
    return Numbers(title, (len(changed),), numbers.short, changed.reshape(1, -1))


def _from_file(path: str, scenario: QuantizerScenario) -> Numbers:
    from qtui.scenario.quantizer.file import chosen_tensor, rows_of  # the readers of files

    tensor, names = chosen_tensor(path, scenario.tensor)
    shape = tensor.shape or (1,)
    columns = shape[-1]
    rows = tensor.count // columns
    title = f"{tensor.name} ({'x'.join(str(n) for n in shape)}, {tensor.dtype})"
    if scenario.row is not None:
        if not 0 <= scenario.row < rows:
            raise UserError(f"{tensor.name!r} has rows 0 to {rows - 1}, not {scenario.row}")
        row = rows_of(tensor, scenario.row, scenario.row + 1)
        return Numbers(f"row {scenario.row} of {title}", (columns,), False, row, tensors=names)
    if tensor.count <= WHOLE:
        return Numbers(title, shape, False, rows_of(tensor, 0, rows), tensors=names)
    return Numbers(title, shape, False, tensor=tensor, tensors=names)
