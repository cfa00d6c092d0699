"""The Memory pane's Result: every term of the sum, and the answers that follow from it. Plain values, complete."""

from typing import TYPE_CHECKING, Any, NamedTuple

from qtui.compute.memory.devices import DeviceShare
from qtui.compute.memory.fit import Budget, Need, Offload
from qtui.compute.memory.ranking import Reason
from qtui.compute.memory.serving import Serving, Term
from qtui.compute.memory.speed import Speed
from qtui.compute.memory.weights import Weights
from qtui.models.catalogue.records import KnownModel
from qtui.models.machine.machine import Machine
from qtui.models.published.quality import CacheQuality, Quality
from qtui.models.published.speed import SpeedMeasurement
from qtui.scenario.memory.scenario import MemoryScenario

if TYPE_CHECKING:  # what few questions ask for
    from qtui.scenario.memory.asked import GridRow, MemoryChoices, SpeedLesson, TrainingPlan

GROUPS = ("weights", "vision", "mtp", "draft", "kv", "state", "compute", "repack")


class Plan(NamedTuple):
    """One named way to run the model, with what it takes, what it gives up and the commands for it.

    `gpu_layers` are layers on the GPU, `cpu_moe_layers` those whose experts stay in RAM. `quality` is what was
    measured of the format, `cache` of the cache's, and `loss` both in nats at this context, None where one is not
    measured; `prompt` as in `MemoryResult`. `commands` are (program, command).
    """

    name: str
    format: str
    kv_type: str
    context: int
    gpu_layers: int
    cpu_moe_layers: int
    bits_per_weight: float
    quality: Quality | None
    cache: CacheQuality | None
    loss: float | None
    speed: Speed | None
    prompt: tuple[float, float, str] | None
    fits: bool
    total_bytes: int
    gives_up: tuple[str, ...]
    reasons: tuple[Reason, ...]
    commands: tuple[tuple[str, str], ...]

    @property
    def change(self) -> dict[str, Any]:
        """What to change of the Scenario to take the plan."""
        return {"format": self.format, "kv_type": self.kv_type, "ctx": self.context}


class Capacity(NamedTuple):
    """Tokens of cache that have room beside the weights, and (context, users) for some lengths."""

    tokens: int
    users: tuple[tuple[int, int], ...]


class ModelHere(NamedTuple):
    """A model of the catalogue that runs, its best plan, and what it is; `licence` is None where it isn't known."""

    model: str
    parameters: int
    released: str
    licence: str | None
    kinds: tuple[str, ...]
    plan: Plan

    @property
    def change(self) -> dict[str, Any]:
        """What to change of the Scenario to see the whole sum of it."""
        return {"model": (self.model,), "arch": "", "hub": False, "view": "grid", **self.plan.change}


class HereResult(NamedTuple):
    """The models that run on `machine`, as the Scenario asks; `order` says by what they are sorted.

    `others` run as well, without the words that the Scenario looks for.
    """

    scenario: MemoryScenario
    machine: Machine
    order: str
    rows: tuple[ModelHere, ...]
    tried: int
    others: tuple[ModelHere, ...] = ()


class MachineToBuy(NamedTuple):
    """A machine, or (`kind` "card") this one with a card in addition; the model is read from `memory` bytes.

    `named` are the Scenario's `machine`, `ram` and `vram` that pretend it.
    """

    machine: str
    kind: str
    memory: int
    plan: Plan
    named: dict[str, str]

    @property
    def change(self) -> dict[str, Any]:
        """What to change of the Scenario to see the plans on it."""
        return {**self.named, **self.plan.change, "view": "plans"}


class BuyResult(NamedTuple):
    """On what `model` runs at `speed` tokens per second or more: `rows`, the smallest first, of `tried`."""

    scenario: MemoryScenario
    model: str
    machine: Machine
    speed: float
    rows: tuple[MachineToBuy, ...]
    tried: int


class MemoryResult(NamedTuple):
    """What a model needs in one format, and what there is. All sizes are bytes.

    `terms` are the sum, each with its group (one of `GROUPS`). `extras` are (name, parameters, bytes) of what the
    checkpoint holds beside the text model. `repacked` is the CPU backend's second copy of the weights, counted only
    where the Scenario asks for it. `file_bytes` is about what a GGUF takes, None without a known vocabulary.
    `devices` are the cards and the RAM with what each holds, where it runs.
    `prompt` is the slowest and fastest reading of a prompt, tokens per second, and what that is modelled from, None
    where nothing was published for the device. `growth` are the bytes that 1,024 more tokens take. `lesson` is a
    published table of speeds, where asked for. `measured` are published speeds of this very question.
    `spare` is negative where bytes are missing. `max_context` is the largest that fits, no larger than the model was
    trained for. `split`: runs only with part of it in RAM beside the card, as `offload` deals it out. `exact`: every
    term but the compute buffer is, and the model's family is known. `choices` are there where they were asked for;
    `plans` are the named ways to run the model, `training` ways to train it, and `here` the models that run, where
    those were asked for; `to_buy` is what it would run on, `draft` the draft model, `capacity` what a server of many
    users has room for (vLLM); `across` is what it takes at other contexts, where several are compared; `others` are
    there where several models or formats were.
    """

    scenario: MemoryScenario
    model: KnownModel
    spec: str
    serving: Serving
    machine: Machine
    budget: Budget
    weights: Weights
    terms: tuple[tuple[str, Term], ...]
    total: int
    repacked: Term | None
    extras: tuple[tuple[str, int, int], ...]
    file_bytes: int | None
    need: Need
    fits: bool
    spare: int
    max_context: int
    offload: Offload | None
    split: bool
    devices: tuple[DeviceShare, ...]
    speed: Speed | None
    prompt: tuple[float, float, str] | None
    measured: tuple[SpeedMeasurement, ...]
    growth: int
    exact: bool
    notes: tuple[str, ...]
    lesson: "SpeedLesson | None" = None
    choices: "MemoryChoices | None" = None
    plans: tuple[Plan, ...] = ()
    training: "tuple[TrainingPlan, ...]" = ()
    here: HereResult | None = None
    to_buy: BuyResult | None = None
    draft: KnownModel | None = None
    capacity: Capacity | None = None
    across: "GridRow | None" = None
    others: "tuple[MemoryResult, ...]" = ()

    @property
    def per_sequence_context(self) -> int:
        """Tokens that each sequence gets: llama.cpp shares its context among them unless the cache is unified."""
        shared = self.serving.engine == "llama.cpp" and not self.serving.unified
        return self.serving.context // self.serving.sequences if shared else self.serving.context

    @property
    def format(self) -> str:
        """The format's name as it is shown."""
        return self.weights.label

    @property
    def bits_per_weight(self) -> float:
        """Bits stored for each weight of the text model."""
        return 8 * self.bytes("weights") / max(1, self.weights.parameters)

    def bytes(self, group: str) -> int:
        """Bytes of all terms of a group."""
        return sum(term.bytes for name, term in self.terms if name == group)
