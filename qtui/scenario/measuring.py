"""Reading a tensor in batches of rows and measuring formats on them, all of it or an even sample.

Used in this process for one tensor, and by the survey's worker processes for thousands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from qtui.compute.chunks import CHUNK
from qtui.compute.codec import F32
from qtui.compute.formats import Format
from qtui.compute.meter import Found, Meter
from qtui.models.files import Tensor
from qtui.models.tensors import TensorData

# Rows longer than this are cut at whole blocks, to bound memory. No model has them.
LONGEST_ROW = 1 << 20
FITTED = 1 << 22  # values that are held at once to find a whole tensor's scale in: 16 MiB
UNIT = 1 << 15  # a cut row's pieces: a multiple of every block size

Span = tuple[int, int]


def row_length(shape: tuple[int, ...]) -> int:
    """Weights in a row as it is measured: the innermost axis, cut where it is enormous."""
    columns = shape[-1] if shape else 1
    return columns if columns <= LONGEST_ROW else UNIT


def sampled_spans(count: int, columns: int, budget: int) -> list[Span]:
    """Flat ranges of whole rows, spread evenly, with about `budget` of `count` weights; all where that is few."""
    rows = -(-count // max(columns, 1))
    taken = min(rows, max(1, budget // max(columns, 1)))
    spans: list[Span] = []
    for index in range(taken):
        row = index * rows // taken
        start, stop = row * columns, min((row + 1) * columns, count)
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], stop)
        else:
            spans.append((start, stop))
    return spans


def batches(data: TensorData, spans: Sequence[Span]) -> Iterator[tuple[int, F32]]:
    """The values in `spans` as (flat index of the first, float32 (rows, columns)), about CHUNK values at a time.

    A last row that is cut short comes alone. Each batch is valid until the next.
    """
    columns = row_length(data.tensor.shape)
    step = max(CHUNK // max(columns, 1), 1) * columns
    buffer = np.empty(min(step, max(data.count, 1)), np.float32)
    for start, stop in spans:
        while start < stop:
            end = min(start + step, stop)
            whole = end - (end - start) % columns
            end = whole if whole > start else end
            values = data.values(start, end, buffer[: end - start])
            yield start, values.reshape(-1, min(columns, end - start))
            start = end


def fitting_sample(data: TensorData, spans: Sequence[Span]) -> F32:
    """What formats with one scale for the whole tensor find it in, float32 (rows, columns).

    All values in `spans` where those are few. Else its least and greatest value, repeated, above an even sample of
    the rest: a scale taken from the range is exact then, one searched for (clip=mse) is close.
    """
    columns = row_length(data.tensor.shape)
    if sum(stop - start for start, stop in spans) <= FITTED:
        parts = [x.copy().reshape(-1) for _, x in batches(data, spans)]
        return np.concatenate(parts).reshape(1, -1) if parts else np.zeros((1, 1), np.float32)
    low, high = np.inf, -np.inf
    for _, x in batches(data, spans):
        least, most = float(x.min()), float(x.max())
        if not (np.isfinite(least) and np.isfinite(most)):
            finite = x[np.isfinite(x)]
            least, most = float(finite.min(initial=np.inf)), float(finite.max(initial=-np.inf))
        low, high = min(low, least), max(high, most)
    few = sampled_spans(data.count, columns, FITTED)
    parts = [x.copy().reshape(-1) for _, x in batches(data, few)]
    ends = np.array([low, high] if low <= high else [0.0], np.float32)
    return np.concatenate([ends, *parts]).reshape(1, -1)


def measure(
    tensor: Tensor,
    formats: Sequence[Format],
    spans: Sequence[Span],
    *,
    importance: F32 | None = None,
    steps: bool = False,
    fit: F32 | None = None,
    tick: Callable[[int], None] = lambda done: None,
) -> tuple[Found, ...]:
    """What `formats` do to the weights of `tensor` in `spans`.

    `fit` is for formats with one scale for the whole tensor (see `fitting_sample`). `tick(n)` is called after every n
    weights of one format. Raises ModelFileError where the file can't be read.
    """
    meter = Meter(formats, importance=importance, steps=steps, fit=fit)
    with TensorData(tensor) as data:
        for start, x in batches(data, spans):
            for index in range(len(formats)):
                meter.add(x, index, start)
                tick(x.size)
    return meter.results()


def needs_fit(formats: Sequence[Format]) -> bool:
    """Whether one of `formats` stores a scale for the whole tensor."""
    return any(fmt.tensor_bytes_extra for fmt in formats)
