"""Reading a tensor in batches of rows and measuring formats on them, all of it or an even sample.

Used in this process for one tensor, and by the survey's worker processes for thousands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from qtui.compute.arrays import CHUNK
from qtui.compute.codec import F32
from qtui.compute.errors.meter import FormatStats, Meter, rows_together
from qtui.compute.errors.values import ValueMeter
from qtui.compute.formats import Format
from qtui.models.files.model_file import Tensor
from qtui.models.tensors.values import TensorData

# Rows longer than this are cut at whole blocks, to bound memory. No model has them.
LONGEST_ROW = 1 << 20
FITTED = 1 << 22  # values that are held at once to find a whole tensor's scale in: 16 MiB
GOLDEN = (5**0.5 - 1) / 2  # multiples of it modulo 1 are spread evenly, however many there are
UNIT = 1 << 15  # a cut row's pieces: a multiple of every block size

FlatRange = tuple[int, int]


def row_length(shape: tuple[int, ...]) -> int:
    """Weights in a row as it is measured: the innermost axis, cut where it is enormous."""
    columns = shape[-1] if shape else 1
    return columns if columns <= LONGEST_ROW else UNIT


def sampled_spans(count: int, columns: int, budget: int) -> list[FlatRange]:
    """Flat ranges of whole rows, spread evenly, with about `budget` of `count` weights; all where that is few.

    Each lies elsewhere in its share of the rows, since every 8th row of a matrix is the same place of every head.
    """
    rows = -(-count // max(columns, 1))
    taken = min(rows, max(1, budget // max(columns, 1)))
    spans: list[FlatRange] = []
    for index in range(taken):
        first, end = index * rows // taken, (index + 1) * rows // taken
        row = first + int(index * GOLDEN % 1 * (end - first))
        start, stop = row * columns, min((row + 1) * columns, count)
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], stop)
        else:
            spans.append((start, stop))
    return spans


def spans_for(tensor: Tensor, budget: int) -> list[FlatRange]:
    """Flat ranges of `tensor` to measure; budget 0 takes all."""
    if not budget:
        return [(0, tensor.count)]
    return sampled_spans(tensor.count, row_length(tensor.shape), budget)


def batches(data: TensorData, spans: Sequence[FlatRange], together: int = 1) -> Iterator[tuple[int, F32]]:
    """The values in `spans`, one span after the other, as float32 (rows, columns) of about CHUNK values.

    Each has a multiple of `together` rows, but for the last; a row that is cut short comes alone. Each comes with the
    place of its first value among those in `spans` (see `flat_index`), and is valid until the next; it is not to be
    written to.
    """
    columns = row_length(data.tensor.shape)
    rows = max(CHUNK // max(columns, 1), 1)
    step = -(-rows // together) * together * columns
    buffer = np.empty(min(step, max(data.count, 1)), np.float32)
    if len(spans) > 1:  # far apart, each would be waited for
        for span in spans:
            data.expect(*span)
    place = filled = 0
    for start, stop in spans:
        while start < stop:
            end = min(start + step - filled, stop)
            end -= (end - start) % columns
            if end == start:  # less than a row is left
                if filled:
                    yield place, buffer[:filled].reshape(-1, columns)
                    place, filled = place + filled, 0
                yield place, data.values(start, stop, buffer[: stop - start]).reshape(1, -1)
                place += stop - start
                break
            into = buffer[filled : filled + end - start]
            values = data.values(start, end, into)
            start = end
            if not filled and values.size == step:  # as it is, wherever it lies
                yield place, values.reshape(-1, columns)
                place += step
                continue
            if values is not into:
                into[:] = values
            filled += values.size
            if filled + columns > step:
                yield place, buffer[:filled].reshape(-1, columns)
                place, filled = place + filled, 0
    if filled:
        yield place, buffer[:filled].reshape(-1, columns)


def flat_index(place: int, spans: Sequence[FlatRange]) -> int:
    """The index in the tensor of the value at `place` among those in `spans`."""
    for start, stop in spans:
        if place < stop - start:
            return start + place
        place -= stop - start
    raise IndexError(place)


def _placed(measured: FormatStats, spans: Sequence[FlatRange]) -> FormatStats:
    """`measured` with places among the measured values turned into indices in the tensor."""
    stats = measured.stats
    if stats is None or stats.max_index < 0:
        return measured
    blocks = stats.blocks
    if blocks is not None:
        worst = tuple(replace(block, start=flat_index(block.start, spans)) for block in blocks.worst)
        blocks = replace(blocks, worst=worst)
    return replace(measured, stats=replace(stats, max_index=flat_index(stats.max_index, spans), blocks=blocks))


def fitting_sample(data: TensorData, tick: Callable[[int], None] = lambda done: None) -> F32:
    """What formats find in that they store once for a whole tensor, float32 (rows, columns).

    The tensor where it has few values. Else an even sample of its rows, and before them those that hold its least
    and its greatest value: a scale taken from the range is exact then, one searched for (clip=mse) is close.
    `tick(n)` is called after every n weights read.
    """
    columns = row_length(data.tensor.shape)
    ends = _rows_of_extremes(data, tick) if data.count > FITTED else []
    spans = [*ends, *sampled_spans(data.count, columns, FITTED)]
    parts = [x.copy() for _, x in batches(data, spans)]
    if any(part.shape[1] != columns for part in parts):  # the last row of an enormous one is cut short
        parts = [part.reshape(1, -1) for part in parts]
        return np.concatenate(parts, axis=1)
    return np.concatenate(parts) if parts else np.zeros((1, 1), np.float32)


def _rows_of_extremes(data: TensorData, tick: Callable[[int], None]) -> list[FlatRange]:
    """The rows that hold the least and the greatest finite value; none where there is none."""
    columns = row_length(data.tensor.shape)
    low, high = np.inf, -np.inf
    places: dict[str, int] = {}
    for start, x in batches(data, [(0, data.count)]):
        tick(x.size)
        least, most = float(x.min()), float(x.max())
        if not (np.isfinite(least) and np.isfinite(most)):
            x = np.where(np.isfinite(x), x, np.float32(np.nan))
            if np.isnan(x).all():
                continue
            least, most = float(np.nanmin(x)), float(np.nanmax(x))
        if least < low:
            low, places["low"] = least, start + int(np.nanargmin(x))
        if most > high:
            high, places["high"] = most, start + int(np.nanargmax(x))
    rows = sorted({place // columns * columns for place in places.values()})
    return [(row, min(row + columns, data.count)) for row in rows]


def measure(
    tensor: Tensor,
    formats: Sequence[Format],
    spans: Sequence[FlatRange],
    *,
    importance: F32 | None = None,
    steps: bool = False,
    fit: F32 | None = None,
    values: ValueMeter | None = None,
    mapped: bool = False,
    tick: Callable[[int], None] = lambda done: None,
) -> tuple[FormatStats, ...]:
    """What `formats` do to the weights of `tensor` in `spans`.

    `steps` measures errors in steps too and ranks blocks. `fit` is for formats with one scale for the whole tensor
    (see `fitting_sample`). `values` takes the weights themselves. `mapped` reads from a mapping of the file, as only
    worker processes may. `tick(n)` is called after every n weights of one format, or taken by `values`. Raises
    ModelFileError where the file can't be read.
    """
    block = 32 if steps else None
    meter = Meter(formats, importance=importance, steps=steps, fit=fit, block=block, sample=len(spans) > 1)
    if tensor.shape and tensor.shape[-1] > LONGEST_ROW:
        for index, fmt in enumerate(formats):
            if fmt.row_bytes_extra:
                meter.refuse(index, f"a scale for rows of {tensor.shape[-1]:,} weights is not measured")
    taken = ValueMeter()
    with TensorData(tensor, mapped=mapped) as data:
        for start, x in batches(data, spans, rows_together(formats, row_length(tensor.shape))):
            if values is not None:
                taken.add(x, start)
                tick(x.size)
            for index in range(len(formats)):
                meter.add(x, index, start)
                tick(x.size)
    if values is not None:
        taken.renumber(lambda place: flat_index(place, spans))
        values.merge(taken)
    return tuple(_placed(measured, spans) for measured in meter.results())


def needs_fit(formats: Sequence[Format]) -> bool:
    """Whether one of `formats` stores something once for the whole tensor."""
    return any(fmt.tensor_bytes_extra for fmt in formats)
