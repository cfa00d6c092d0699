"""A model on the bench: its weights in every format that was asked for, and the memory that they must fit into."""

from collections.abc import Hashable, Sequence
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from qtui.compute.memory.answers import Budget
from qtui.compute.memory.arch import text_tensors
from qtui.compute.memory.cache import Term, Use
from qtui.compute.memory.estimate import running_terms, weight_terms
from qtui.compute.memory.typical import typical_terms, typical_weights
from qtui.compute.memory.weights import Numbered, Weights, shape_of, weigh_tensors
from qtui.models.catalogue.resolve import Known

if TYPE_CHECKING:
    from qtui.models.machine.detect import Machine


class Weighed(NamedTuple):
    """A model's weights in one format, with their terms and sums."""

    weights: Weights
    terms: tuple[tuple[str, Term], ...]
    bytes: int
    parameters: int
    table: int  # bytes of the embedding table


class Subject:
    """A model with what was worked out of it so far, so that a step in the app is quick: its weights in every format
    that was asked for, and its caches and buffers in the latest ways to run it.
    """

    def __init__(self, model: Known) -> None:
        self.model = model
        self._weighed: dict[str, Weighed] = {}
        self.longest: dict[Hashable, int] = {}  # largest contexts, by all that they depend on
        self.grids: dict[Hashable, tuple[Any, ...]] = {}  # rows of formats by contexts, alike
        self.running = lru_cache(maxsize=512)(partial(_running, model))

    def weigh(self, spec: str) -> Weighed:
        """The weights in the format `spec`. Raises ValueError for a format that isn't known."""
        if spec not in self._weighed:
            weights = weigh_model(self.model, spec, self._tensors)
            table = sum(item.bytes for item in weights.stored if item.tensor.part == "embedding")
            self._weighed[spec] = Weighed(
                weights, tuple(weight_terms(weights)), weights.bytes, weights.parameters, table
            )
        return self._weighed[spec]

    @cached_property
    def _tensors(self) -> tuple[Numbered, ...]:
        """The tensors that the architecture describes."""
        return tuple(text_tensors(self.model.arch)) if self.model.arch else ()


def _running(model: Known, use: Use) -> tuple[tuple[tuple[str, Term], ...], int]:
    """What depends on how the model is run: the terms, each with its group, and their bytes."""
    if model.arch is not None:
        terms = running_terms(model.arch, use)
    else:
        terms = [] if model.stored else typical_terms(model.parameters, use)
    return tuple(terms), sum(term.bytes for _, term in terms)


def weigh_model(model: Known, spec: str, tensors: Sequence[Numbered]) -> Weights:
    """The weights of `model`, whose architecture has `tensors`, in the format `spec`. Raises ValueError for a format
    that isn't known.
    """
    if model.stored:
        return _weigh_file(model, spec, tensors)
    if model.arch is not None:
        return weigh_tensors(tensors, shape_of(model.arch), spec, model.dtype)
    return typical_weights(model.parameters, spec)


def _weigh_file(model: Known, spec: str, tensors: Sequence[Numbered]) -> Weights:
    """A file's own tensors as they are, or as they would be in another format."""
    text = [item for item in model.stored if item.tensor.part not in ("vision", "mtp")]
    if spec in ("", "native"):
        return Weights(f"{model.dtype} (as stored)", tuple(text))
    listed = [(layer, item.tensor) for item in text for layer in item.layers]
    if model.gguf:
        return weigh_tensors(listed, shape_of(model.arch) if model.arch else None, spec, "")
    if model.arch is None:
        renamed = [(layer, tensor._replace(name=f"{tensor.name}.weight")) for layer, tensor in listed]
        return weigh_tensors(renamed, None, spec, "")._replace(why="which matrices a mix would spare isn't known")
    held = sum(item.size for item in text)
    found = weigh_tensors(tensors, shape_of(model.arch), spec, model.dtype)
    why = "" if found.parameters == held else f"the config describes {found.parameters - held:+,} parameters"
    return found._replace(why=why)


def budget_of(machine: "Machine", use: Use, measured: bool) -> Budget:
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
