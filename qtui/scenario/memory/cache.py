"""What solving keeps between one Scenario and the next, so that a step in the app is answered at once."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from qtui.compute.cache import Cache
from qtui.compute.formats import get_format
from qtui.compute.memory.architecture import text_tensors
from qtui.compute.memory.buffers import compute_term
from qtui.compute.memory.estimate import cache_terms
from qtui.compute.memory.fit import LayerBytes, layer_bytes, layer_caches
from qtui.compute.memory.mixes import MIXES
from qtui.compute.memory.placement import KeptInRam, kept_in_ram, places_of
from qtui.compute.memory.recipes import recipe_of
from qtui.compute.memory.serving import Serving, Term
from qtui.compute.memory.sizes import PLAIN
from qtui.compute.memory.speed import TokenRead, active_bytes
from qtui.compute.memory.tensors import EqualTensors, gathered
from qtui.compute.memory.typical import typical_terms, typical_weights
from qtui.compute.memory.weights import Weights, format_and_options, shape_of, weigh_tensors
from qtui.models.catalogue.records import KnownModel
from qtui.models.catalogue.resolve import from_arch, resolve, resolve_all
from qtui.models.machine.machine import Machine
from qtui.scenario.base import user_input
from qtui.scenario.memory.machine import machine_of
from qtui.scenario.memory.result import ModelHere, Plan
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.progress import Progress

if TYPE_CHECKING:
    from qtui.scenario.memory.asked import GridRow


class WeighedModel(NamedTuple):
    """A model's weights in one format, with their sums in bytes; `table` is the embedding table.

    `read` is what one token reads of them, None where the layers aren't known.
    """

    weights: Weights
    bytes: int
    parameters: int
    table: int
    read: TokenRead | None


class RunningTerms(NamedTuple):
    """Cache, state and buffers of a model that is run one way, their sum in bytes, and that of `cache` and state."""

    terms: tuple[tuple[str, Term], ...]
    bytes: int
    cache: int


class CachedModel:
    """One model, its weights in the formats asked for last, and what depends on how it is run."""

    def __init__(self, model: KnownModel, draft: KnownModel | None = None) -> None:
        self.model = model
        self.draft = CachedModel(draft) if draft is not None else None
        self.longest: Cache[int] = Cache(512)  # largest contexts, by all that they depend on
        self.grids: Cache[tuple[GridRow, ...]] = Cache(64)  # alike
        self.plans: Cache[tuple[Plan, ...]] = Cache(64)  # alike
        self._weighed: Cache[WeighedModel] = Cache(64)  # by format
        self._runs: Cache[RunningTerms] = Cache(512)  # by Serving
        self._kept: Cache[KeptInRam] = Cache(64)  # by format, and by what stays in RAM
        self._layers: Cache[LayerBytes] = Cache(64)  # by format
        self._layer_caches: Cache[list[int]] = Cache(64)  # by Serving
        self._buffers: Cache[Term] = Cache(64)  # by Serving but for its cache's format
        self._described: Cache[tuple[EqualTensors, ...]] = Cache(1)

    def weigh(self, spec: str) -> WeighedModel:
        """The weights in the format `spec`. Raises UserError for a format that isn't known."""
        return self._weighed.get(spec, lambda: self._weigh(spec))

    def layer_bytes(self, spec: str) -> LayerBytes:
        """Where the weights lie in the format `spec`; nowhere in a model whose layers aren't known."""
        arch, stored = self.model.arch, self.weigh(spec).weights.stored
        return self._layers.get(spec, lambda: layer_bytes(arch, stored) if arch else LayerBytes((), (), 0, 0))

    def layer_caches(self, serving: Serving) -> list[int]:
        """Bytes of cache and state of each layer; nothing in a model whose layers aren't known."""
        arch = self.model.arch
        return self._layer_caches.get(serving, lambda: layer_caches(arch, serving) if arch else [])

    def kept_in_ram(self, spec: str, cpu_moe: int, overrides: tuple[str, ...]) -> KeptInRam | None:
        """What a person keeps of the format `spec` in RAM, None where nothing. Raises QtuiError for bad patterns."""
        arch = self.model.arch
        if arch is None or not (cpu_moe or overrides):
            return None
        in_ram, stored = places_of(cpu_moe, overrides), self.weigh(spec).weights.stored
        if in_ram is None:
            return None
        return self._kept.get((spec, cpu_moe, overrides), lambda: kept_in_ram(arch, stored, in_ram))

    def tensors(self) -> tuple[EqualTensors, ...]:
        """The tensors that the architecture describes. Raises UserError where its layers don't add up."""
        arch = self.model.arch
        return self._described.get("", lambda: gathered(text_tensors(arch)) if arch else ())

    def _weigh(self, spec: str) -> WeighedModel:
        _check_format(spec, self.model.dtype)
        with user_input():  # a config may name a dtype that isn't known
            weights = weigh_model(self.model, spec, self.tensors)
        table = sum(item.bytes for item in weights.stored if item.tensor.part == "embedding")
        read = active_bytes(self.model.arch, weights.stored) if self.model.arch is not None else None
        return WeighedModel(weights, weights.bytes, weights.parameters, table, read)

    def running(self, serving: Serving) -> RunningTerms:
        """What depends on how the model is run."""
        return self._runs.get(serving, lambda: self._running(serving))

    def _running(self, serving: Serving) -> RunningTerms:
        arch = self.model.arch
        if arch is not None:
            alike = serving._replace(k_type="", v_type="")  # the format of the cache is nothing to the buffer
            buffer = self._buffers.get(alike, lambda: compute_term(arch, serving))
            terms = [*cache_terms(arch, serving), ("compute", buffer)]
        else:
            terms = [] if self.model.stored else typical_terms(self.model.parameters, serving)
        cache = sum(term.bytes for group, term in terms if group in ("kv", "state"))
        return RunningTerms(tuple(terms), sum(term.bytes for _, term in terms), cache)


class MemoryCache:
    """The models and the machine that were asked about last. One for each pane; safe to share between threads."""

    def __init__(self) -> None:
        self._models: Cache[tuple[CachedModel, ...]] = Cache(1)
        self._machines: Cache[Machine] = Cache(1)
        self.here: Cache[tuple[ModelHere, ...]] = Cache(4)  # models that run, by what that depends on

    def knows_models(self, scenario: MemoryScenario) -> bool:
        """Whether the Scenario's models have been looked up."""
        return _models_key(scenario) in self._models

    def knows_machine(self, scenario: MemoryScenario) -> bool:
        """Whether the Scenario's machine has been detected, and measured if it asks for that."""
        return _machine_key(scenario) in self._machines

    def models(self, scenario: MemoryScenario) -> tuple[CachedModel, ...]:
        """The Scenario's models. Raises UserError for what names none, and for files that can't be used."""
        return self._models.get(_models_key(scenario), lambda: _look_up(scenario))

    def machine(self, scenario: MemoryScenario, progress: Progress | None) -> Machine:
        """The Scenario's machine. Raises UserError for one that isn't known."""
        return self._machines.get(_machine_key(scenario), lambda: machine_of(scenario, progress))


def _models_key(scenario: MemoryScenario) -> tuple[tuple[str, ...], str, bool, str]:
    return scenario.model, scenario.arch, scenario.hub, scenario.draft


def _machine_key(scenario: MemoryScenario) -> tuple[str, str, str, bool]:
    return scenario.machine, scenario.ram, scenario.vram, scenario.measure


def _look_up(scenario: MemoryScenario) -> tuple[CachedModel, ...]:
    draft = resolve(scenario.draft.partition(":")[0]) if scenario.draft else None
    if scenario.hub:
        from qtui.models.catalogue.files import from_hub

        names = [name for word in scenario.model for name in word.split(",") if name]
        return tuple(CachedModel(from_hub(name), draft) for name in names)
    models = [from_arch(scenario.arch)] if scenario.arch else resolve_all(scenario.model)
    return tuple(CachedModel(model, draft) for model in models)


def _check_format(spec: str, dtype: str) -> None:
    """Raises UserError for a format that isn't known."""
    if recipe_of(spec) is not None:
        return
    name, _ = format_and_options(spec, dtype)
    if name != "native" and name not in MIXES and name.lower() not in PLAIN:
        with user_input():
            get_format(name)


def weigh_model(model: KnownModel, spec: str, tensors: Callable[[], Sequence[EqualTensors]]) -> Weights:
    """The weights of `model`, whose architecture describes `tensors()`, in the format `spec`.

    Raises UserError for a format that isn't known.
    """
    if model.stored:
        return _weigh_file(model, spec, tensors)
    if model.arch is not None:
        return weigh_tensors(tensors(), shape_of(model.arch), spec, model.dtype)
    return typical_weights(model.parameters, spec)


def _weigh_file(model: KnownModel, spec: str, tensors: Callable[[], Sequence[EqualTensors]]) -> Weights:
    """A file's own tensors as they are, or as they would be in another format."""
    text = [item for item in model.stored if item.tensor.part not in ("vision", "mtp")]
    if spec in ("", "native"):
        return Weights(f"{model.dtype} (as stored)", tuple(text))
    listed = [(layer, item.tensor) for item in text for layer in item.layers]
    if model.gguf:
        return weigh_tensors(gathered(listed), shape_of(model.arch) if model.arch else None, spec, "")
    if model.arch is None:
        renamed = gathered((layer, tensor._replace(name=f"{tensor.name}.weight")) for layer, tensor in listed)
        return weigh_tensors(renamed, None, spec, "")._replace(why="which matrices a mix would spare isn't known")
    held = sum(item.size for item in text)
    weights = weigh_tensors(tensors(), shape_of(model.arch), spec, model.dtype)
    why = "" if weights.parameters == held else f"the config describes {weights.parameters - held:+,} parameters"
    return weights._replace(why=why)
