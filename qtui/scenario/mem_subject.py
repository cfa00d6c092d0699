"""A model on the bench: its weights in every format that was asked for, and the memory that they must fit into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from qtui.compute.memory.answers import Budget
from qtui.compute.memory.cache import Term, Use
from qtui.compute.memory.estimate import weight_terms
from qtui.compute.memory.typical import typical_weights
from qtui.compute.memory.weights import Weights, shape_of, weigh, weigh_tensors
from qtui.models.catalogue_resolve import Known

if TYPE_CHECKING:
    from qtui.models.machine import Machine


class Weighed(NamedTuple):
    """A model's weights in one format, with their terms and sums."""

    weights: Weights
    terms: tuple[tuple[str, Term], ...]
    bytes: int
    table: int  # bytes of the embedding table


class Subject:
    """A model with its weights in every format that was asked for so far, so that a step in the app is quick."""

    def __init__(self, model: Known) -> None:
        self.model = model
        self._weighed: dict[str, Weighed] = {}

    def weigh(self, spec: str) -> Weighed:
        """The weights in the format `spec`. Raises ValueError for a format that isn't known."""
        if spec not in self._weighed:
            weights = weigh_model(self.model, spec)
            table = sum(item.bytes for item in weights.stored if item.tensor.part == "embedding")
            self._weighed[spec] = Weighed(weights, tuple(weight_terms(weights)), weights.bytes, table)
        return self._weighed[spec]


def weigh_model(model: Known, spec: str) -> Weights:
    """The weights of `model` in the format `spec`. Raises ValueError for a format that isn't known."""
    if model.stored:
        return _weigh_file(model, spec)
    if model.arch is not None:
        return weigh(model.arch, spec, model.dtype)
    return typical_weights(model.parameters, spec)


def _weigh_file(model: Known, spec: str) -> Weights:
    """A file's own tensors as they are, or as they would be in another format."""
    text = [item for item in model.stored if item.tensor.part not in ("vision", "mtp")]
    if spec in ("", "native"):
        return Weights(f"{model.dtype} (as stored)", tuple(text))
    listed = [(item.layer, item.tensor) for item in text]
    if model.gguf:
        return weigh_tensors(listed, shape_of(model.arch) if model.arch else None, spec, "")
    if model.arch is None:
        renamed = [(layer, tensor._replace(name=f"{tensor.name}.weight")) for layer, tensor in listed]
        return weigh_tensors(renamed, None, spec, "")._replace(why="which matrices a mix would spare isn't known")
    held = sum(item.tensor.size for item in text)
    found = weigh(model.arch, spec, model.dtype)
    why = "" if found.parameters == held else f"the config describes {found.parameters - held:+,} parameters"
    return found._replace(why=why)


def budget_of(machine: Machine, use: Use, measured: bool) -> Budget:
    """The memory to fit into. vLLM takes nine tenths of a card by default (--gpu-memory-utilization)."""
    gpu = 0 if machine.unified else machine.vram_free
    if use.engine == "vllm":
        gpu = gpu * 9 // 10
    ram = machine.ram_available
    if machine.unified and machine.gpu_share:
        ram = min(ram, machine.gpu_share)
    cards: list[Any] = [card.bandwidth for card in machine.gpus]
    gpu_bandwidth = min(cards) if cards and all(cards) else None
    return Budget(gpu, ram, gpu_bandwidth, machine.bandwidth, measured)
