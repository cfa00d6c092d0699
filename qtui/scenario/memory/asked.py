"""Parts of the Memory Result that are worked out where they are asked for: choices, training, published speeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from qtui.models.published.quality import Quality

if TYPE_CHECKING:  # few questions are about training or what a processor multiplies
    from qtui.compute.memory.training import TrainingSetup, TrainingSum
    from qtui.models.machine.native import NativeFormats


class GridCell(NamedTuple):
    """One place of the grid: a context in tokens and the bytes it takes. `split`: only with part of it in RAM."""

    context: int
    total: int
    fits: bool
    split: bool


class GridRow(NamedTuple):
    """One format of the grid: bits per weight, its bytes of weights, a cell for each context, the largest context.

    `quality` is what was measured of the format, None where nothing was.
    """

    format: str
    bits: float
    weight_bytes: int
    cells: tuple[GridCell, ...]
    largest: int
    quality: Quality | None


class MachineCount(NamedTuple):
    """How many of a machine with `memory` bytes it would take."""

    machine: str
    memory: int
    number: int


class Remedy(NamedTuple):
    """The next step.

    "format": `format` holds the most bits that fit at this context. "context": `format` fits with `context` tokens,
    no more. "split": part of `format`, with `context` tokens unless it is 0, runs on the card and the rest in RAM.
    `kv_type` is another format of the cache, where that is part of the step.
    "model": even `format`, the smallest, is too large; models of about `parameters` fit in `usual`. With `format`,
    `total` bytes are taken and `spare` are left.
    """

    kind: Literal["format", "context", "split", "model"]
    format: str
    context: int
    total: int
    spare: int
    usual: str = ""
    parameters: int = 0
    kv_type: str = ""

    @property
    def change(self) -> dict[str, Any]:
        """What to change of the Scenario; nothing where another model is needed."""
        if self.kind == "model":
            return {}
        change: dict[str, Any] = {"format": self.format}
        change |= {"ctx": self.context} if self.context else {}
        return change | ({"kv_type": self.kv_type} if self.kv_type else {})


class MemoryChoices(NamedTuple):
    """What else could be asked of one model, and what would help.

    `grid` is `formats` by `contexts`. `best_format` is the one of most bits that fits at this context, None where
    none does. Where all that fit lose much it is the balanced plan's, with its cache as `best_kv_type` and
    `best_split` where part of it stays in RAM. `next_step` is the smallest change that makes it fit or the better
    format that there is room for, None where it has the best format already. `machines` lists, for some formats, how
    many of some machines hold it.
    """

    formats: tuple[str, ...]
    contexts: tuple[int, ...]
    grid: tuple[GridRow, ...]
    best_format: str | None
    best_kv_type: str
    best_split: bool
    next_step: Remedy | None
    machines: tuple[tuple[str, tuple[MachineCount, ...]], ...]


class TrainingPlan(NamedTuple):
    """What one way to train the model takes, and whether there is room.

    Each of `cards` (1 without a card) holds `per_card` bytes of the `available` ones, where weights, gradients and
    optimizer states are divided among them.
    """

    setup: TrainingSetup
    sum: TrainingSum
    cards: int
    per_card: int
    available: int

    @property
    def fits(self) -> bool:
        """Whether every device has room."""
        return self.per_card <= self.available


class SpeedRow(NamedTuple):
    """One format of a published table: bits per weight and bytes where they are known, else 0.

    `slower` names a larger format that is faster, empty where there is none.
    """

    format: str
    bits: float
    bytes: int
    tokens_per_second: float
    slower: str


class SpeedLesson(NamedTuple):
    """A published table of one model on one device, its largest format first.

    `generations` of processors have the formats that each multiplies as they are; `own` is that of the device at
    hand, None where its name does not tell.
    """

    device: str
    model: str
    source: str
    rows: tuple[SpeedRow, ...]
    generations: tuple[NativeFormats, ...]
    own: NativeFormats | None
