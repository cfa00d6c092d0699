"""DeepSeek-V4's attention: a short window and compressed entries."""

from dataclasses import dataclass
from typing import ClassVar

from qtui.compute.memory.mixers.base import PART, Mixer, StateSize
from qtui.compute.memory.mixers.indexer import Indexer
from qtui.compute.memory.serving import CacheRow, Serving, Term, cache_term, cells, index_term, padded, window_cells
from qtui.compute.memory.tensors import WeightTensor, matrix, vector


@dataclass(frozen=True, kw_only=True)
class CompressedAttention(Mixer):
    """DeepSeek-V4: one shared key-value head, grouped low-rank output, compressors and their indexer.

    A short window of keys, and one compressed entry for every `compress_ratio` tokens (0 without any); where they
    `overlap`, an entry sees twice as many.
    """

    KIND: ClassVar[str] = "dsv4"
    ATTENDS: ClassVar[bool] = True

    heads: int
    head_dim: int
    q_lora_rank: int
    o_groups: int
    o_lora_rank: int
    window: int
    compress_ratio: int = 0
    overlap: bool = False
    indexer: Indexer | None = None

    @property
    def span(self) -> int:
        """Tokens that it looks back."""
        return self.window

    @property
    def query_heads(self) -> int:
        """All of them."""
        return self.heads

    @property
    def query_group(self) -> int:
        """The cache has one key head, which all query heads share."""
        return self.heads

    @property
    def _parts(self) -> int:
        return 2 if self.overlap else 1

    def tensors(self, h: int) -> list[WeightTensor]:
        """Low-rank queries, the shared head, sinks, the grouped output, the compressors."""
        heads, dim, rank, ratio = self.heads, self.head_dim, self.q_lora_rank, self.compress_ratio
        groups, o_rank = self.o_groups, self.o_lora_rank
        tensors = [
            matrix("attn_q_a", rank, h, PART),
            vector("attn_q_a_norm.weight", rank),
            matrix("attn_q_b", heads * dim, rank, PART),
            matrix("attn_kv", dim, h, PART),
            vector("attn_kv_norm.weight", dim),
            vector("attn_sinks.weight", heads),
            WeightTensor("attn_output_a.weight", (groups, o_rank, heads * dim // groups), PART),
            matrix("attn_output_b", h, groups * o_rank, PART),
        ]
        if ratio:
            tensors += _compressor("attn_compressor", ratio, dim * self._parts, dim, h)
        index = self.indexer
        if index is not None:
            width = index.head_dim
            tensors += [matrix("indexer.attn_q_b", index.heads * width, rank, PART)]
            tensors += [matrix("indexer.proj", index.heads, h, PART)]
            tensors += _compressor("indexer.compressor", ratio, 2 * width, width, h)
        return tensors

    def cache(self, serving: Serving, alone: bool = False) -> list[Term]:
        """The window and the compressed entries.

        llama.cpp keeps streams apart here even where caches are unified (src/llama-kv-cache-dsv4.cpp).
        """
        apart = serving._replace(unified=False)
        full, streams = cells(apart)
        rows = [CacheRow(f"K {self.head_dim}", self.head_dim, serving.k_type)]
        held = window_cells(apart, self.window)
        terms = [cache_term(f"KV cache, window {self.window}", self.layers, held, streams, rows)]
        ratio = self.compress_ratio
        if ratio:
            entries = padded(-(-full // ratio)) if serving.engine == "llama.cpp" else -(-full // ratio)
            terms.append(cache_term(f"KV cache, 1 in {ratio}", self.layers, entries, streams, rows))
            if self.indexer is not None:
                terms.append(index_term(self.indexer.head_dim, self.layers, entries, streams, serving))
        return terms

    def state_size(self, h: int) -> StateSize:
        """A row of values and one of scores for each token of a compressor's window."""
        if not self.compress_ratio:
            return StateSize(0, 0)
        index = 2 * self.indexer.head_dim if self.indexer is not None else 0
        return StateSize(0, 2 * self.compress_ratio * self._parts * (self.head_dim * self._parts + index))


def _compressor(name: str, ratio: int, wide: int, dim: int, h: int) -> list[WeightTensor]:
    position = WeightTensor(f"{name}_ape", (ratio, wide), PART)
    norm = vector(f"{name}_norm.weight", dim)
    return [matrix(f"{name}_kv", wide, h, PART), matrix(f"{name}_gate", wide, h, PART), position, norm]
