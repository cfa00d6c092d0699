"""What every token mixer says of itself: its tensors, its cache, its state, its share of the compute buffer."""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

from qtui.compute.memory.serving import Serving, Term
from qtui.compute.memory.tensors import LayerGroup, WeightTensor

PART = "attention"


class AliveValues(NamedTuple):
    """Values per token that are alive at once, and the sum as text."""

    values: int
    text: str


class StateSize(NamedTuple):
    """Values that one layer keeps for every sequence: the tail of its convolution, and its matrix."""

    conv: int
    matrix: int


class BesideLogits(NamedTuple):
    """What lies beside the output logits, as read off llama.cpp: hidden states, further values, the masks or not."""

    states: int = 2
    values: int = 0
    masks: bool = False


class Mixer(LayerGroup, ABC):
    """A group of equal mixers. A subclass has the fields that its layout needs, and overrides what it has.

    Layouts follow llama.cpp's GGUF files; the counts equal those of the published checkpoints. Records are checked by
    the fields' types, so that their annotations are no strings.
    """

    KIND: ClassVar[str] = ""  # its name in records and formulas
    ATTENDS: ClassVar[bool] = False  # whether it looks at the cells of a cache, under a mask

    @property
    def span(self) -> int:
        """Tokens that it looks back, 0 where it sees everything or keeps a state instead."""
        return 0

    @property
    def query_heads(self) -> int:
        """Heads that score the cells, 0 without attention."""
        return 0

    @property
    def cache_heads(self) -> int:
        """Key heads of the cache, which cards can share out; 1 where all query heads use one."""
        return 1

    @property
    def query_group(self) -> int | None:
        """Query heads for each key head as llama.cpp's mixes see it: 0 without any, None where the model's attention
        layers decide.
        """
        return 0

    @abstractmethod
    def tensors(self, h: int) -> list[WeightTensor]:
        """The tensors of one layer in a model of hidden size `h`, its norms left out."""

    @property
    def is_fused(self) -> bool:
        """Whether queries, keys and values are stored as one matrix."""
        return False

    def fused(self) -> "Mixer":
        """The same with queries, keys and values stored as one matrix, where there is such a layout."""
        return self

    def cache(self, serving: Serving, alone: bool = False) -> list[Term]:
        """The KV cache of all layers of the group. `alone`: the model has no other mixers."""
        return []

    def state_size(self, h: int) -> StateSize:
        """The recurrent state of one layer for one sequence."""
        return StateSize(0, 0)

    def states(self, h: int, serving: Serving) -> list[Term]:
        """The recurrent state of all layers: it doesn't grow with the context; every sequence (and draft) has one."""
        conv, matrix = self.state_size(h)
        if not (conv or matrix):
            return []
        copies = serving.sequences * (1 + serving.rollback)
        # The convolution's tail is float32 in llama.cpp, 16 bits in vLLM and MLX; the matrix float32 everywhere.
        tail = 4 if serving.engine == "llama.cpp" else 2
        parts = [f"conv {conv:,} × {tail} B"] * bool(conv) + [f"state {matrix:,} × 4 B"] * bool(matrix)
        times = f" × {copies} copies" if copies > 1 else ""
        formula = f"{self.layers} layers × ({' + '.join(parts)}){times}"
        return [Term("recurrent state", formula, self.layers * (conv * tail + matrix * 4) * copies)]

    @property
    def beside_logits(self) -> BesideLogits:
        """What a model with this mixer keeps beside its output logits; of several mixers, the largest counts."""
        return BesideLogits()

    def buffer(self, h: int, cells: int, flash: bool) -> AliveValues:
        """Values per token alive in one layer; without flash attention, scores for all `cells` too."""
        return AliveValues(8 * h, f"8 × {h:,}")
