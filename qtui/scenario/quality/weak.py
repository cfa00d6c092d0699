"""Where a model hurts: one part at a time in few bits, and the single weight that it can't do without."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qtui.compute.errors.moments import root_mean
from qtui.compute.formats import get_format
from qtui.compute.lm.changes import ChangedWeights, StoredTensor, fitting, quantizable
from qtui.compute.lm.perplexity import TokenScores, statistics
from qtui.compute.lm.transformer import LmWeights, Transformer
from qtui.compute.lm.windows import log_probabilities, logits_of, score, targets
from qtui.models.lm.weights import FileWeights
from qtui.models.tensors.roles import split_name
from qtui.scenario.base import user_input
from qtui.scenario.progress import Progress
from qtui.scenario.quality.measure import Watch
from qtui.scenario.quality.opened import OpenedModel, OpenedText
from qtui.scenario.quality.result import Loss, QualityResult, RandomWeights, SuperWeight, WeightRow
from qtui.scenario.quality.scenario import formats_of

F32 = NDArray[np.float32]
FEW_BITS = "int2:asym,block=32,scale=fp16"
CANDIDATES = 5
COMPARED = 1 << 18  # weights of a tensor that are compared with what they were
STRETCHES = 240  # of a row's columns
RANDOM = 1000  # weights that are zeroed for comparison


class Unchanged:
    """The model as it is on some windows: what each layer got, and the log-probabilities that came out.

    These are written into `base` float32 (windows, scored, vocabulary); `observe` sees what goes into each matrix.
    """

    def __init__(
        self,
        opened: OpenedModel,
        text: OpenedText,
        base: F32,
        progress: Progress,
        total: float,
        observe: Callable[[str, F32], None] | None = None,
    ) -> None:
        self.config = opened.language.config
        self.weights = opened.weights(opened.memory.weights)
        self.changed = opened.memory.source  # bytes of changed weights
        self.rows = opened.memory.rows
        self.windows = text.windows
        self.half = text.passage.context // 2
        self.states: dict[tuple[int, int], F32] = {}  # by window and layer
        self.base = base
        model = Transformer(self.config, self.weights, watch=observe, name=opened.language.file.path)
        layers = len(self.config.layers)
        size = 4 * self.windows.size * self.config.hidden * layers
        keeps = size <= opened.memory.states
        for at in range(len(self.windows)):
            x = model.embed(self.windows[at : at + 1, :-1])
            for layer in range(layers):
                if keeps:
                    self.states[at, layer] = x
                x = model.layer(layer, x)
                progress.tick(at + layer / layers, total, "the model as it is")
            for part, logits in logits_of(model, x[0, self.half :], self.rows):
                base[at, part] = log_probabilities(logits)

    def scores(self, model: Transformer, first: int | None) -> TokenScores:
        """The scores of a `model` that differs from layer `first` on; None for from the embedding on."""
        merged: TokenScores | None = None
        for at in range(len(self.windows)):
            start = first if first is not None and (at, first) in self.states else None
            x = self.states[at, start] if start is not None else model.embed(self.windows[at : at + 1, :-1])
            for layer in range(start or 0, len(self.config.layers)):
                x = model.layer(layer, x)
            for part, logits in logits_of(model, x[0, self.half :], self.rows):
                scores = score(self.base[at, part], logits, targets(self.windows[at])[part])
                merged = scores if merged is None else merged.merge(scores)
        assert merged is not None
        return merged


def sensitivity(
    result: QualityResult, opened: OpenedModel, text: OpenedText, progress: Progress, watch: Watch
) -> QualityResult:
    """`result` with the loss of every part stored in few bits alone, the largest first."""
    with text.room(opened) as base:
        return _sensitivity(result, opened, text, base, progress, watch)


def _sensitivity(
    result: QualityResult, opened: OpenedModel, text: OpenedText, base: F32, progress: Progress, watch: Watch
) -> QualityResult:
    scenario = result.scenario
    spec = formats_of(scenario)[0] if scenario.format else FEW_BITS
    with user_input():
        spec = get_format(spec).name
    parts = list(_parts(quantizable(opened.stored), scenario.by))
    total = len(text.windows) + len(parts)
    unchanged = Unchanged(opened, text, base, progress, total)
    losses: list[Loss] = []
    for done, (name, tensors) in enumerate(parts):
        progress.tick(len(text.windows) + done, total, name)
        formats = dict(zip([t.name for t in tensors], [fitting(spec, t) for t in tensors], strict=True))
        weights = ChangedWeights(unchanged.weights, formats, unchanged.changed)
        layers = [t.layer for t in tensors]
        first = None if None in layers else min(layer for layer in layers if layer is not None)
        head = all(t.name == "output.weight" for t in tensors)
        start = len(unchanged.config.layers) - 1 if head else first
        model = Transformer(unchanged.config, weights, name=f"the model with {name} in {spec}")
        scores = unchanged.scores(model, start)
        moved = _moved(tensors, unchanged.weights, weights)
        losses.append(Loss(name, sum(t.count for t in tensors), statistics(scores), moved))
        result = replace(result, losses=ranked(losses), loss_format=spec)
        watch(result)
    return result


def _moved(tensors: Sequence[StoredTensor], own: LmWeights, changed: LmWeights) -> float:
    """How far weights are from what they were: the root mean square of rows spread over the tensors, over theirs."""
    change = size = 0.0
    for tensor in tensors:
        rows, columns = tensor.count // tensor.shape[-1], tensor.shape[-1]
        ids = np.linspace(0, rows - 1, max(1, min(rows, COMPARED // columns))).astype(np.int64)
        before, after = own.rows(tensor.name, ids), changed.rows(tensor.name, ids)
        change += float(np.square(after - before, dtype=np.float64).mean()) * tensor.count
        size += float(np.square(before, dtype=np.float64).mean()) * tensor.count
    return root_mean(change, size) if size else 0.0


def ranked(losses: Sequence[Loss]) -> tuple[Loss, ...]:
    """The losses, largest first; one that noise can't tell from the first of a rank has the same."""
    placed: list[Loss] = []
    leader: Loss | None = None
    for place, loss in enumerate(sorted(losses, key=lambda loss: -loss.statistics.kld.value), start=1):
        if leader is not None:
            gap = leader.statistics.kld.value - loss.statistics.kld.value
            if gap < 2 * math.hypot(leader.statistics.kld.error, loss.statistics.kld.error):
                placed.append(replace(loss, rank=leader.rank))
                continue
        leader = replace(loss, rank=place)
        placed.append(leader)
    return tuple(placed)


def _parts(tensors: Sequence[StoredTensor], by: str) -> Iterator[tuple[str, list[StoredTensor]]]:
    """(name, tensors) of what is changed together: a role, a layer, or one tensor."""
    groups: dict[str, list[StoredTensor]] = {}
    for tensor in tensors:
        layer, role, _ = split_name(tensor.name)
        if by == "tensor":
            name = tensor.name.removesuffix(".weight")
        elif by == "layer":
            name = role if layer is None else f"layer {layer}"
        else:
            name = role
        groups.setdefault(name, []).append(tensor)
    yield from groups.items()


def super_weights(
    result: QualityResult, opened: OpenedModel, text: OpenedText, progress: Progress, watch: Watch
) -> QualityResult:
    """`result` with the weights of `ffn_down` whose product with their input is largest, each set to 0 in turn."""
    with text.room(opened) as base:
        return _super_weights(result, opened, text, base, progress, watch)


def _super_weights(
    result: QualityResult, opened: OpenedModel, text: OpenedText, base: F32, progress: Progress, watch: Watch
) -> QualityResult:
    total = len(text.windows) + CANDIDATES + 1
    largest: dict[str, F32] = {}

    def observe(name: str, x: F32) -> None:
        if name.endswith("ffn_down.weight"):
            top = np.abs(x).max(axis=0)
            largest[name] = np.maximum(largest[name], top) if name in largest else top

    unchanged = Unchanged(opened, text, base, progress, total, observe)
    measured: list[SuperWeight] = []
    for done, (name, row, column, product) in enumerate(_products(unchanged.weights, largest)):
        progress.tick(len(text.windows) + done, total, f"{name} without one weight")
        weights = ChangedWeights(unchanged.weights, {}, unchanged.changed, zeroed={name: [(row, column)]})
        scores = unchanged.scores(Transformer(unchanged.config, weights), split_name(name)[0])
        value = float(unchanged.weights.get(name)[row, column])
        measured.append(SuperWeight(name, row, column, value, product, statistics(scores)))
        worst_first = tuple(sorted(measured, key=lambda weight: -weight.statistics.kld.value))
        result = replace(result, super_weights=worst_first)
        watch(result)
    progress.tick(total - 1, total, f"{RANDOM:,} weights at random")
    place = _row_of(result.super_weights[0], unchanged.weights, largest)
    return replace(result, random_weights=_without_random(unchanged, measured[0].tensor), weight_row=place)


def _row_of(weight: SuperWeight, weights: FileWeights, largest: Mapping[str, F32]) -> WeightRow:
    """The row that a weight is in, beside an ordinary one and what goes in."""
    values = np.abs(weights.get(weight.tensor))
    ordinary = int(np.argsort(values.max(axis=1))[len(values) // 2])
    stretches = np.array_split(np.arange(values.shape[1]), min(STRETCHES, values.shape[1]))
    starts = [int(columns[0]) for columns in stretches]

    def tops(row: F32) -> tuple[float, ...]:
        return tuple(np.maximum.reduceat(row, starts).tolist())

    at = int(np.searchsorted(starts, weight.column, side="right")) - 1
    shown = (tops(row) for row in (values[weight.row], values[ordinary], largest[weight.tensor]))
    return WeightRow(weight.tensor, weight.row, weight.column, ordinary, values.shape[1], at, *shown)


def _without_random(unchanged: Unchanged, name: str) -> RandomWeights:
    """The model without RANDOM weights of the tensor `name`, for comparison."""
    rows, columns = unchanged.weights.get(name).shape
    count = min(RANDOM, rows * columns // 2)
    places = np.random.default_rng(0).choice(rows * columns, count, replace=False)
    zeroed = [divmod(int(place), columns) for place in places]
    weights = ChangedWeights(unchanged.weights, {}, unchanged.changed, zeroed={name: zeroed})
    scores = unchanged.scores(Transformer(unchanged.config, weights), split_name(name)[0])
    return RandomWeights(count, name, statistics(scores))


def _products(weights: FileWeights, largest: Mapping[str, F32]) -> list[tuple[str, int, int, float]]:
    """The CANDIDATES largest |input| · |weight|: tensor, row, column, product."""
    candidates = []
    for name, top in largest.items():
        products = np.abs(weights.get(name)) * top
        for place in np.argpartition(products.reshape(-1), -CANDIDATES)[-CANDIDATES:].tolist():
            row, column = divmod(place, products.shape[1])
            candidates.append((name, row, column, float(products[row, column])))
    return sorted(candidates, key=lambda candidate: -candidate[3])[:CANDIDATES]
