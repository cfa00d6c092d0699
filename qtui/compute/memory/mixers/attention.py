"""Multi-head, grouped-query and multi-query attention, with or without a window."""

from dataclasses import dataclass, replace
from typing import ClassVar

from qtui.compute.memory.mixers.base import PART, AliveValues, BesideLogits, Mixer
from qtui.compute.memory.serving import CacheRow, Serving, Term, cache_term, cells, index_term, window_cells
from qtui.compute.memory.tensors import WeightTensor, matrix, vector


@dataclass(frozen=True, kw_only=True)
class Attention(Mixer):
    """`window` and `chunk` are tokens, 0 where everything is seen; `v_head_dim` is 0 where it is `head_dim`.

    `qk_norm` is "", "per_head", "full" or "per_head_each"; `output_gate` is "", "elementwise" (stored with the
    queries), "per_head" or "separate". `kv_shared`: the layer uses an earlier layer's keys and values. `v_is_k`:
    values are the key projection. `index_key_dim_per_token`: width of MiniMax-M3's index keys. Where not `cached`,
    all tokens are read at once and nothing is kept (encoders).
    """

    KIND: ClassVar[str] = "attention"
    ATTENDS: ClassVar[bool] = True

    heads: int
    kv_heads: int
    head_dim: int
    v_head_dim: int = 0
    window: int = 0
    chunk: int = 0
    q_bias: bool = False
    k_bias: bool = False
    v_bias: bool = False
    o_bias: bool = False
    qk_norm: str = ""
    sinks: bool = False
    v_is_k: bool = False
    output_gate: str = ""
    kv_shared: bool = False
    index_key_dim_per_token: int = 0
    fused_qkv: bool = False
    cached: bool = True

    @property
    def span(self) -> int:
        """Tokens that it looks back."""
        return self.window or self.chunk

    @property
    def query_heads(self) -> int:
        """All of them."""
        return self.heads

    @property
    def cache_heads(self) -> int:
        """Its key heads."""
        return self.kv_heads

    @property
    def query_group(self) -> int:
        """Query heads for each key head."""
        return self.heads // self.kv_heads

    @property
    def _v_dim(self) -> int:
        return self.v_head_dim or self.head_dim

    @property
    def _q_rows(self) -> int:
        return self.heads * self.head_dim * (2 if self.output_gate == "elementwise" else 1)

    def tensors(self, h: int) -> list[WeightTensor]:
        """Projections, gate, biases, norms and sinks."""
        k_rows, v_rows = self.kv_heads * self.head_dim, self.kv_heads * self._v_dim
        if self.fused_qkv:
            tensors = [matrix("attn_qkv", self._q_rows + k_rows + v_rows, h, PART)]
        else:
            tensors = [matrix("attn_q", self._q_rows, h, PART)]
            if not self.kv_shared:
                tensors.append(matrix("attn_k", k_rows, h, PART))
                if not self.v_is_k:
                    tensors.append(matrix("attn_v", v_rows, h, PART))
        tensors.append(matrix("attn_output", h, self.heads * self._v_dim, PART))
        if self.output_gate == "per_head":
            tensors.append(matrix("attn_gate", self.heads, h, PART))
        elif self.output_gate == "separate":
            tensors.append(matrix("attn_gate", self.heads * self._v_dim, h, PART))
        sinks = [vector("attn_sinks.weight", self.heads)] if self.sinks else []
        return tensors + self._biases(h, k_rows, v_rows) + self._qk_norms() + sinks

    def _biases(self, h: int, k_rows: int, v_rows: int) -> list[WeightTensor]:
        own = not self.kv_shared
        counts = (
            ("q", self._q_rows if self.q_bias else 0),
            ("o", h if self.o_bias else 0),
            ("k", k_rows if self.k_bias and own else 0),
            ("v", v_rows if self.v_bias and own else 0),
        )
        return [vector(f"attn_{which}.bias", count) for which, count in counts if count]

    def _qk_norms(self) -> list[WeightTensor]:
        if self.qk_norm == "per_head":
            q, k = self.head_dim, 0 if self.kv_shared else self.head_dim
        elif self.qk_norm in ("full", "per_head_each"):
            q, k = self.heads * self.head_dim, self.kv_heads * self.head_dim
        else:
            return []
        return [vector("attn_q_norm.weight", q)] + ([vector("attn_k_norm.weight", k)] if k else [])

    @property
    def is_fused(self) -> bool:
        """Whether queries, keys and values are stored as one matrix."""
        return self.fused_qkv

    def fused(self) -> "Attention":
        """The same with queries, keys and values stored as one matrix."""
        return replace(self, fused_qkv=True)

    def cache(self, serving: Serving, alone: bool = False) -> list[Term]:
        """A row of keys and one of values in each cell.

        llama.cpp runs Mistral 7B, the only model here whose layers are all windowed, without its window.
        """
        if self.kv_shared or not self.cached:
            return []
        window = 0 if alone and serving.engine == "llama.cpp" else self.span
        full, streams = cells(serving)
        heads, k, v = self.kv_heads, self.head_dim, self._v_dim
        keys = CacheRow(f"K {heads} × {k}", heads * k, serving.k_type)
        values = CacheRow(f"V {heads} × {v}", heads * v, serving.v_type)
        count = window_cells(serving, window) if window else full
        name = f"KV cache, window {window:,}" if window and count < full else "KV cache"
        terms = [cache_term(name, self.layers, count, streams, [keys, values])]
        if self.index_key_dim_per_token:
            terms.append(index_term(self.index_key_dim_per_token, self.layers, full, streams, serving))
        return terms

    @property
    def beside_logits(self) -> BesideLogits:
        """One more hidden state with fused projections."""
        return BesideLogits(3 if self.fused_qkv else 2)

    def buffer(self, h: int, cells: int, flash: bool) -> AliveValues:
        """Inputs, queries, keys and values."""
        q, kv = self.heads * self.head_dim, self.kv_heads * self.head_dim
        scores = 0 if flash else self.heads * cells
        text = "" if flash else f"{self.heads} heads × {cells:,} cells + "
        return AliveValues(scores + 3 * h + 2 * q + 2 * kv, f"{text}3 × {h:,} + 2 × {q:,} + 2 × {kv:,}")
