"""The forward pass: from token ids to logits, as llama.cpp and transformers compute it, in float32.

    x = embedding[ids]
    for each layer:   x += attention(norm(x));   x += feed_forward(norm(x))
    logits = head · norm(x)

Weights have the names of GGUF files ("blk.0.attn_q.weight") and come from a `Weights` one by one, so that a model may
be larger than memory: a layer's are asked for, used for all tokens, and let go. Everything that quantization may
change passes through two places: `Weights.get`, and `Numerics`, for activations and cached keys and values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qtui.compute.lm.attention import KvCache, attend, rotate
from qtui.compute.lm.config import LmConfig
from qtui.compute.lm.threads import THREADS
from qtui.error import QtuiError

F32 = NDArray[np.float32]
IDS = NDArray[np.int64]
FEW = 16  # rows of a product that BLAS's own threads are quicker with
PieceWork = Callable[[slice, F32], object]
Change = Callable[[F32], F32]  # rows float32 (n, columns) to what is stored of them


class LmWeights(Protocol):
    """Where weights come from."""

    def __contains__(self, name: str) -> bool: ...

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor."""
        ...

    def get(self, name: str) -> F32:
        """The tensor called `name`, (rows, columns) or (n,); not to be written to."""
        ...

    def rows(self, name: str, ids: IDS) -> F32:
        """Rows `ids` (n,) of a matrix, float32 (n, columns)."""
        ...

    def spread(self, name: str, work: PieceWork, few: bool = False) -> None:
        """Call `work(rows, piece)` for pieces float32 (rows, columns) of a matrix, in several threads.

        `few` says that a piece has little to be done with it: a matrix that is kept is then one piece.
        """
        ...


@dataclass(frozen=True)
class Numerics:
    """What happens to numbers on their way; None leaves them alone.

    `activations` changes the rows (tokens, columns) that go into matrices, `keys` and `values` the rows
    (tokens, kv_heads · head_dim) that go into the cache.
    """

    activations: Change | None = None
    keys: Change | None = None
    values: Change | None = None


EXACT = Numerics()


class NotNumbersError(QtuiError):
    """A model's logits are not finite."""


class Transformer:
    """A language model that can be run; `name` is what errors call it.

    `watch(name, x)` is shown the inputs float32 (tokens, columns) of every matrix `name`.
    """

    def __init__(
        self,
        config: LmConfig,
        weights: LmWeights,
        numerics: Numerics = EXACT,
        watch: Callable[[str, F32], None] | None = None,
        name: str = "the model",
    ) -> None:
        self.config = config
        self.weights = weights
        self.numerics = numerics
        self.name = name
        self._watch = watch

    def logits(self, ids: IDS, cache: KvCache | None = None, first: int = 0) -> F32:
        """Logits float32 (sequences, tokens - first, vocabulary) after each of `ids` (sequences, tokens) from
        `first` on. A `cache` holds what came before, of one sequence."""
        x = self.embed(ids)
        for layer in range(len(self.config.layers)):
            x = self.layer(layer, x, cache)
        return self.head(x[:, first:])

    def embed(self, ids: IDS) -> F32:
        """What the layers start from: float32 (sequences, tokens, hidden)."""
        x = self.weights.rows("token_embd.weight", ids.reshape(-1))
        scale = self.config.embedding_scale
        return (x if scale == 1 else x * np.float32(scale)).reshape(*ids.shape, -1)

    def layer(self, index: int, x: F32, cache: KvCache | None = None) -> F32:
        """`x` float32 (sequences, tokens, hidden) after layer `index`."""
        sequences, tokens, hidden = x.shape
        flat = x.reshape(-1, hidden)
        flat = flat + self._normed(f"blk.{index}.post_attention_norm", self._attention(index, flat, tokens, cache))
        flat = flat + self._normed(f"blk.{index}.post_ffw_norm", self._feed_forward(index, flat))
        return flat.reshape(sequences, tokens, hidden)

    def head(self, x: F32) -> F32:
        """Logits float32 (sequences, tokens, vocabulary) of the last layer's output.

        Raises NotNumbersError where one of them is not finite.
        """
        name = "output" if "output.weight" in self.weights else "token_embd"
        flat = self._normed("output_norm", x.reshape(-1, x.shape[-1]))
        logits = self._linear(name, flat)
        if not np.isfinite(logits.sum()):
            raise NotNumbersError(
                f"the predictions of {self.name} are no numbers (NaN), so some weights are none; "
                "look for them with `qtui errors`"
            )
        cap = self.config.logit_cap
        if cap:
            logits /= np.float32(cap)
            np.tanh(logits, out=logits)
            logits *= np.float32(cap)
        return logits.reshape(*x.shape[:-1], -1)

    def _attention(self, index: int, x: F32, tokens: int, cache: KvCache | None) -> F32:
        """What attention adds to `x` float32 (sequences · tokens, hidden)."""
        c, layer, at = self.config, self.config.layers[index], f"blk.{index}."
        q, k, v = self._queries_keys_values(at, self._normed(f"{at}attn_norm", x))
        queries = self._normed(f"{at}attn_q_norm", _heads(q, c.heads, tokens))
        keys, values = self._normed(f"{at}attn_k_norm", _heads(k, c.kv_heads, tokens)), _heads(v, c.kv_heads, tokens)
        first = cache.tokens if cache is not None else 0
        if layer.rope is not None:
            queries, keys = rotate(queries, layer.rope, first), rotate(keys, layer.rope, first)
        keys = _stored(keys, c.kv_heads, self.numerics.keys)
        values = _stored(values, c.kv_heads, self.numerics.values)
        if cache is not None:
            keys, values = cache.extend(index, keys, values)
        scale = c.attention_scale or c.head_dim**-0.5
        mixed = attend(queries, keys, values, scale, layer.window, c.attention_cap)
        return self._linear(f"{at}attn_output", _rows(mixed, c.heads))

    def _queries_keys_values(self, at: str, h: F32) -> tuple[F32, F32, F32]:
        c = self.config
        if f"{at}attn_qkv.weight" in self.weights:
            whole = self._linear(f"{at}attn_qkv", h)
            ends = c.heads * c.head_dim, (c.heads + c.kv_heads) * c.head_dim
            q, k, v = np.split(whole, ends, axis=1)
            return q, k, v
        q, k, v = (self._linear(f"{at}attn_{name}", h) for name in "qkv")
        return q, k, v

    def _feed_forward(self, index: int, x: F32) -> F32:
        at = f"blk.{index}."
        h = self._normed(f"{at}ffn_norm", x)
        if f"{at}ffn_gate.weight" in self.weights:
            gate, up = self._linear(f"{at}ffn_gate", h), self._linear(f"{at}ffn_up", h)
        else:  # Phi-3 stores both as one matrix, the gate first
            gate, up = np.split(self._linear(f"{at}ffn_up", h), 2, axis=1)
        activate = _silu if self.config.activation == "silu" else _gelu

        def pass_on(rows: slice) -> None:
            np.multiply(activate(gate[rows]), up[rows], out=gate[rows])

        THREADS.spread(pass_on, THREADS.row_pieces(*gate.shape))
        return self._linear(f"{at}ffn_down", gate)

    def _linear(self, name: str, x: F32) -> F32:
        """Rows `x` (n, columns) times a matrix, and its bias where it has one."""
        if self._watch is not None:
            self._watch(f"{name}.weight", x)
        if self.numerics.activations is not None:
            x = self.numerics.activations(x)
        product = np.empty((len(x), self.weights.shape(f"{name}.weight")[0]), np.float32)

        def multiply(rows: slice, piece: F32) -> None:
            np.matmul(x, piece.T, out=product[:, rows])

        self.weights.spread(f"{name}.weight", multiply, few=len(x) <= FEW)
        if f"{name}.bias" in self.weights:
            product += self.weights.get(f"{name}.bias")
        return product

    def _normed(self, name: str, x: F32) -> F32:
        """`x` (..., columns) over its root mean square, times the weights called `name`; `x` where there are none."""
        if f"{name}.weight" not in self.weights:
            return x
        squares = np.einsum("...i,...i->...", x, x)[..., None] / np.float32(x.shape[-1])
        normed: F32 = x / np.sqrt(squares + np.float32(self.config.epsilon))
        normed *= self.weights.get(f"{name}.weight")
        return normed


def _heads(rows: F32, heads: int, tokens: int) -> F32:
    """(sequences · tokens, heads · head_dim) as (sequences · heads, tokens, head_dim)."""
    apart = rows.reshape(-1, tokens, heads, rows.shape[1] // heads).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(apart).reshape(-1, tokens, apart.shape[3])


def _rows(x: F32, heads: int) -> F32:
    """(sequences · heads, tokens, head_dim) as (sequences · tokens, heads · head_dim)."""
    together = x.reshape(-1, heads, *x.shape[1:]).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(together).reshape(-1, heads * x.shape[2])


def _stored(x: F32, heads: int, change: Change | None) -> F32:
    """`x` (sequences · heads, tokens, head_dim) as the cache stores it, a token's heads side by side."""
    return x if change is None else _heads(change(_rows(x, heads)), heads, x.shape[1])


def _silu(x: F32) -> F32:
    """x · sigmoid(x)."""
    divisor = np.negative(x)
    with np.errstate(over="ignore"):
        np.exp(divisor, out=divisor)
    divisor += np.float32(1)
    return np.divide(x, divisor, out=divisor)


def _gelu(x: F32) -> F32:
    """x · Φ(x) in the tanh form of Hendrycks and Gimpel (2016)."""
    inner = np.float32(0.044715) * x
    inner *= x
    inner *= x
    inner += x
    inner *= np.float32((2 / np.pi) ** 0.5)
    np.tanh(inner, out=inner)
    inner += np.float32(1)
    inner *= np.float32(0.5)
    inner *= x
    return inner
