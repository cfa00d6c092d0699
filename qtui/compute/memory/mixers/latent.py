"""DeepSeek's attention: multi-head latent attention with its sparse indexer, and DeepSeek-V4's compressed entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qtui.compute.memory.mixers.base import PART, Alive, BesideLogits, Mixer, StateSize
from qtui.compute.memory.tensors import WeightTensor, matrix, vector
from qtui.compute.memory.use import CacheRow, Term, Use, cache_term, cells, index_term, padded, window_cells


@dataclass(frozen=True)
class Indexer:
    """The sparse-attention indexer of a layer: it keeps a key for `kpool` tokens, and chooses `topk` of them."""

    heads: int
    head_dim: int
    kpool: int = 1
    topk: int = 0


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class LatentAttention(Mixer):
    """Multi-head latent attention (DeepSeek-V2 and after), with the indexer where there is one.

    The up-projection of the latent is stored as its key and value halves, as llama.cpp does.
    """

    KIND: ClassVar[str] = "mla"
    ATTENDS: ClassVar[bool] = True

    heads: int
    q_lora_rank: int | None
    kv_lora_rank: int
    qk_nope_head_dim: int
    qk_rope_head_dim: int
    v_head_dim: int
    indexer: Indexer | None = None
    a_bias: bool = False
    o_bias: bool = False
    output_gate: str = ""

    @property
    def query_group(self) -> int:
        """The cache has one key head, which all query heads share."""
        return self.heads

    def tensors(self, h: int) -> list[WeightTensor]:
        """Low-rank queries, the latent, its two up-projections, the output, the indexer."""
        heads, nope, rope = self.heads, self.qk_nope_head_dim, self.qk_rope_head_dim
        v_dim, rank, q_rank = self.v_head_dim, self.kv_lora_rank, self.q_lora_rank
        if q_rank:
            tensors = [matrix("attn_q_a", q_rank, h, PART), vector("attn_q_a_norm.weight", q_rank)]
            tensors.append(matrix("attn_q_b", heads * (nope + rope), q_rank, PART))
        else:
            tensors = [matrix("attn_q", heads * (nope + rope), h, PART)]
        tensors += [matrix("attn_kv_a_mqa", rank + rope, h, PART), vector("attn_kv_a_norm.weight", rank)]
        tensors.append(WeightTensor("attn_k_b.weight", (heads, rank, nope), PART))
        tensors.append(WeightTensor("attn_v_b.weight", (heads, v_dim, rank), PART))
        tensors.append(matrix("attn_output", h, heads * v_dim, PART))
        if self.a_bias:
            tensors += [vector("attn_q_a.bias", q_rank or 0), vector("attn_kv_a_mqa.bias", rank + rope)]
        if self.o_bias:
            tensors.append(vector("attn_output.bias", h))
        if self.output_gate == "elementwise":
            tensors.append(matrix("attn_gate", heads * v_dim, h, PART))
        return tensors + self._index_tensors(h)

    def _index_tensors(self, h: int) -> list[WeightTensor]:
        index = self.indexer
        if index is None:
            return []
        width = index.head_dim
        return [
            matrix("indexer.attn_q_b", index.heads * width, self.q_lora_rank or h, PART),
            matrix("indexer.attn_k", width, h, PART),
            matrix("indexer.proj", index.heads, h, PART),
            vector("indexer.k_norm.weight", width),
            vector("indexer.k_norm.bias", width),
        ]

    def cache(self, use: Use, alone: bool = False) -> list[Term]:
        """One latent row a token, and no values."""
        full, streams = cells(use)
        rank, rope = self.kv_lora_rank, self.qk_rope_head_dim
        rows = [CacheRow(f"latent {rank} + {rope}", rank + rope, use.k_type)]
        terms = [cache_term("KV cache, latent", self.layers, full, streams, rows)]
        if self.indexer is not None:
            width = self.indexer.head_dim // self.indexer.kpool
            terms.append(index_term(width, self.layers, full, streams, use))
        return terms

    @property
    def beside_logits(self) -> BesideLogits:
        """Some of the layers' values lie in the way of the logits."""
        return BesideLogits(4, 8192)

    def buffer(self, h: int, cells: int, flash: bool) -> Alive:
        """The absorbed queries of all heads; the indexer's queries many times over, and its scores for every cell."""
        heads, rank, rope, nope = self.heads, self.kv_lora_rank, self.qk_rope_head_dim, self.qk_nope_head_dim
        scores = 0 if flash else heads * cells
        count = scores + 5 * h + heads * (2 * rank + 3 * rope + nope) + 2 * rank
        text = "" if flash else f"{heads} heads × {cells:,} cells + "
        text += f"5 × {h:,} + {heads} × (2 × {rank} + 3 × {rope} + {nope}) + 2 × {rank}"
        index = self.indexer
        if index is not None:
            count += 15 * index.heads * index.head_dim + 2 * cells
            text += f" + 15 × {index.heads} × {index.head_dim} + 2 × {cells:,} cells"
        return Alive(count, text)


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
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

    def cache(self, use: Use, alone: bool = False) -> list[Term]:
        """The window and the compressed entries.

        llama.cpp keeps streams apart here even where caches are unified (src/llama-kv-cache-dsv4.cpp).
        """
        apart = use._replace(unified=False)
        full, streams = cells(apart)
        rows = [CacheRow(f"K {self.head_dim}", self.head_dim, use.k_type)]
        held = window_cells(apart, self.window)
        terms = [cache_term(f"KV cache, window {self.window}", self.layers, held, streams, rows)]
        ratio = self.compress_ratio
        if ratio:
            entries = padded(-(-full // ratio)) if use.engine == "llama.cpp" else -(-full // ratio)
            terms.append(cache_term(f"KV cache, 1 in {ratio}", self.layers, entries, streams, rows))
            if self.indexer is not None:
                terms.append(index_term(self.indexer.head_dim, self.layers, entries, streams, use))
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


LATENT: tuple[type[Mixer], ...] = (LatentAttention, CompressedAttention)
