"""Compares a file with its original, pair by pair, in pieces of whole rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack

import numpy as np
from numpy.typing import NDArray

from qtui.compute.errors import ErrorAccumulator
from qtui.compute.errors.survey import BINS, SHARES, Measure, total
from qtui.models.files.model_file import ModelFile, Tensor
from qtui.models.tensors.roles import left_alone, split_name
from qtui.models.tensors.values import CHUNK, TensorData
from qtui.scenario.base import UserError
from qtui.scenario.errors.against.matching import Match, columns, family_of, matched
from qtui.scenario.errors.against.result import AgainstResult, ComparedPair
from qtui.scenario.errors.file import open_file, title_of
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.progress import Progress

F32 = NDArray[np.float32]
EXACT_UP_TO = 1 << 28  # weights of both files that are compared in full unless a sample is asked for
SAMPLED_OF_EACH = 1 << 18
WORST = 3
ROTATED = ("attn_q", "attn_k")


def solve(scenario: ErrorsScenario, progress: Progress | None = None) -> AgainstResult:
    """What `scenario.path` lost against `scenario.against`. Raises UserError or ModelFileError."""
    if not scenario.path:
        raise UserError("--against compares a file with its original; name the file first")
    if not scenario.against:
        raise UserError("name the original of this file: --against, or the field")
    progress = progress or Progress()
    file, reference = open_file(scenario.path), open_file(scenario.against)
    family = family_of(file) or family_of(reference)
    matches, unmatched = matched(file, reference, family)
    matches = tuple(match for match in matches if _has_words(match, scenario.tensor))
    if not matches:
        raise UserError(f"{scenario.path} and {scenario.against} have no tensor in common; check that they belong")
    mixed = {file.kind, reference.kind} == {"gguf", "safetensors"}
    pairs, done = [], 0
    weights = sum(sum(t.count for t in match.file) for match in matches)
    for match in matches:
        progress.tick(done, weights, match.name)
        offset = 1.0 if mixed and family is not None and family.offset and _is_norm(match.file[0]) else 0.0
        heads = _rotated_heads(file, reference, match) if mixed else 0
        pair = _compared(match, _Sides(match, reference.kind == "gguf", heads, offset), _budget(scenario, weights))
        pairs.append(pair)
        done += pair.count
    progress.tick(weights, weights)
    counted = [pair for pair in pairs if pair.counted] or pairs
    summed = total((pair.count, pair.measure) for pair in counted)
    titles = title_of(file, scenario.path), title_of(reference, scenario.against)
    lossy = [pair for pair in counted if math.isfinite(pair.measure.sqnr_db)]
    worst = tuple(sorted(lossy, key=lambda pair: (pair.measure.sqnr_db, pair.name))[:WORST])
    return AgainstResult(
        scenario,
        *titles,
        tuple(pairs),
        unmatched,
        summed,
        worst,
        measured=sum(pair.measured for pair in pairs),
        count=sum(pair.count for pair in pairs),
        turned=sum(pair.turned for pair in pairs),
    )


def _has_words(match: Match, words: str) -> bool:
    name = match.name.lower()
    return all(word in name for word in words.lower().split())


def _is_norm(tensor: Tensor) -> bool:
    return len(tensor.shape) == 1 and "norm" in tensor.name


def _budget(scenario: ErrorsScenario, weights: int) -> int:
    """Weights of each tensor to compare; 0 for all."""
    if scenario.exact:
        return 0
    return scenario.sample or (0 if weights <= EXACT_UP_TO else SAMPLED_OF_EACH)


def _rotated_heads(file: ModelFile, reference: ModelFile, match: Match) -> int:
    """Heads whose rows the converter of a GGUF may have reordered; 0 for none, or an unknown number."""
    _, role, _ = split_name(match.file[0].name)
    if role not in ROTATED or len(match.file) > 1:
        return 0
    metadata = (file if file.kind == "gguf" else reference).metadata
    stem = f"{metadata.get('general.architecture')}.attention.head_count"
    heads = metadata.get(stem) if role == "attn_q" else metadata.get(f"{stem}_kv", metadata.get(stem))
    rows = match.file[0].shape[0]
    return heads if type(heads) is int and heads > 0 and rows % (2 * heads) == 0 else 0


class _Sides:
    """Rows of both sides of a match in one order: that of the GGUF where one of them is one.

    `heads` of the other side may have to be interleaved, as llama.cpp's converter does for Llama's rotary positions
    (`LlamaModel.permute`): whichever order is nearer for the first head is taken. `offset` is added to the other
    side, whose norms are stored less one.
    """

    def __init__(self, match: Match, gguf_is_reference: bool, heads: int, offset: float) -> None:
        self._match = match
        self._other_is_file = gguf_is_reference
        self._offset = np.float32(offset)
        bias = heads and len(match.file[0].shape) == 1
        self.columns = 1 if bias else max(columns(match.file), 1)
        self.rows = sum(tensor.count for tensor in match.file) // self.columns
        self.head = self.rows // heads if heads else 0
        self.turned = False

    def pieces(self, budget: int) -> Iterator[tuple[int, F32, F32]]:
        """(first row, reference, file), float32 (rows, columns), of whole heads; about `budget` weights, 0: all."""
        step = max(1, CHUNK // self.columns)
        if self.head:
            step = max(1, step // self.head) * self.head
        starts = range(0, self.rows, step)
        taken = len(starts) if not budget else min(len(starts), -(-budget // (step * self.columns)))
        with ExitStack() as stack:
            file, reference = (
                [stack.enter_context(TensorData(tensor)) for tensor in tensors]
                for tensors in (self._match.file, self._match.reference)
            )
            for index in range(taken):
                start = starts[index * len(starts) // taken]
                stop = min(start + step, self.rows)
                ours, theirs = self._read(file, start, stop), self._read(reference, start, stop)
                if self.head and not index:
                    self.turned = self._is_turned(ours, theirs)
                yield start, *self._in_order(theirs, ours)

    def _in_order(self, reference: F32, file: F32) -> tuple[F32, F32]:
        other = file if self._other_is_file else reference
        if self.turned:
            other = interleaved(other, self.head)
        if self._offset:
            other = other + self._offset
        return (reference, other) if self._other_is_file else (other, file)

    def _is_turned(self, ours: F32, theirs: F32) -> bool:
        """Whether the first head is nearer when the rows of the other side are interleaved."""
        gguf, other = (theirs, ours) if self._other_is_file else (ours, theirs)
        first = other[: self.head].astype(np.float64)
        target = gguf[: self.head].astype(np.float64)
        turned = interleaved(first, self.head)
        with np.errstate(all="ignore"):
            return bool(np.nansum((turned - target) ** 2) < np.nansum((first - target) ** 2))

    def _read(self, side: list[TensorData], start: int, stop: int) -> F32:
        """Rows `start` to `stop` (excluded) of tensors one after the other."""
        parts, before = [], 0
        for data in side:
            rows = data.count // self.columns
            first, last = max(start - before, 0), min(stop - before, rows)
            if first < last:
                parts.append(data.values(first * self.columns, last * self.columns).reshape(-1, self.columns))
            before += rows
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


def interleaved(rows: NDArray[np.floating], head: int) -> NDArray[np.floating]:
    """Rows (n, columns) of heads of `head` rows, the two halves of each head taken in turns."""
    parts = rows.reshape(-1, 2, head // 2, rows.shape[1])
    return np.ascontiguousarray(parts.swapaxes(1, 2)).reshape(rows.shape)


def _compared(match: Match, sides: _Sides, budget: int) -> ComparedPair:
    accumulator, measured = ErrorAccumulator(), 0
    for row, reference, file in sides.pieces(budget):
        accumulator.add(reference, file, offset=row * sides.columns)
        measured += reference.size
    stats = accumulator.result()
    count = sum(tensor.count for tensor in match.file)
    nbytes = sum(tensor.nbytes for tensor in match.file)
    first = match.file[0]
    measure = Measure(
        first.dtype,
        8 * nbytes / max(count, 1),
        nbytes,
        stats.moments,
        stats.max_abs_error,
        stats.max_index,
        tuple(stats.quantile(share) for share in SHARES),
        stats.histogram(BINS),
    )
    shape = first.shape if len(match.file) == 1 else (len(match.file), *first.shape)
    return ComparedPair(
        match.name,
        match.reference[0].name if len(match.reference) == 1 else f"{match.reference[0].name} ...",
        shape,
        match.reference[0].dtype,
        count,
        measured,
        sides.turned,
        not left_alone(first),
        measure,
    )
