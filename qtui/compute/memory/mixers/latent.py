"""Multi-head latent attention of DeepSeek-V2 and after, with its sparse indexer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from qtui.compute.memory.mixers.base import PART, AliveValues, BesideLogits, Mixer
from qtui.compute.memory.serving import CacheRow, Serving, Term, cache_term, cells, index_term
from qtui.compute.memory.tensors import WeightTensor, matrix, vector

if TYPE_CHECKING:  # few models have one
    from qtui.compute.memory.mixers.indexer import Indexer


@dataclass(frozen=True, kw_only=True)
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
    indexer: "Indexer | None" = None
    a_bias: bool = False
    o_bias: bool = False
    output_gate: str = ""

    @property
    def query_heads(self) -> int:
        """All of them."""
        return self.heads

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

    def cache(self, serving: Serving, alone: bool = False) -> list[Term]:
        """One latent row a token, and no values."""
        full, streams = cells(serving)
        rank, rope = self.kv_lora_rank, self.qk_rope_head_dim
        rows = [CacheRow(f"latent {rank} + {rope}", rank + rope, serving.k_type)]
        terms = [cache_term("KV cache, latent", self.layers, full, streams, rows)]
        if self.indexer is not None:
            width = self.indexer.head_dim // self.indexer.kpool
            terms.append(index_term(width, self.layers, full, streams, serving))
        return terms

    @property
    def beside_logits(self) -> BesideLogits:
        """Bytes of the layers' values that are alive beside the logits."""
        return BesideLogits(4, 8192)

    def buffer(self, h: int, cells: int, flash: bool) -> AliveValues:
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
        return AliveValues(count, text)
