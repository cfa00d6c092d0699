"""How a model is served, and the cells of its cache, as llama.cpp, vLLM and MLX allocate them.

llama.cpp (src/llama-kv-cache*.cpp, llama-memory-recurrent.cpp): a cache has cells, a multiple of 256 for each
stream of sequences; each attention layer stores one row of keys and one of values in every cell; layers with a
sliding window have a smaller cache of their own; recurrent layers keep a float32 state for every sequence. vLLM gives
every attention layer of a hybrid model full pages; MLX keeps exactly the window.
"""

from collections.abc import Sequence
from typing import NamedTuple

from qtui.compute.memory.sizes import row_bytes

ENGINES = ("llama.cpp", "vllm", "mlx")


class Serving(NamedTuple):
    """How a model is served: what decides the size of its cache and buffers."""

    context: int = 8192  # tokens: for all sequences together in llama.cpp (its -c), for each one in vLLM and MLX
    k_type: str = "f16"
    v_type: str = "f16"
    sequences: int = 1
    unified: bool = False
    ubatch: int = 512
    swa_full: bool = False
    flash: bool = True
    rollback: int = 0  # copies of the recurrent state kept for drafts
    engine: str = "llama.cpp"


class Term(NamedTuple):
    """One line of a sum: `formula` has its numbers put in. `why` says why it is an estimate, empty where exact."""

    name: str
    formula: str
    bytes: int
    why: str = ""


def padded(count: int, step: int = 256) -> int:
    """`count` rounded up to a whole number of steps."""
    return -(-count // step) * step


def cells(serving: Serving) -> tuple[int, int]:
    """(cells of one stream, streams) of a cache that keeps every token."""
    if serving.engine != "llama.cpp":
        return padded(serving.context, 16 if serving.engine == "vllm" else 1), serving.sequences
    if serving.unified or serving.sequences == 1:
        return padded(serving.context), 1
    return padded(padded(serving.context) // serving.sequences), serving.sequences


def window_cells(serving: Serving, window: int) -> int:
    """Cells of one stream for layers that look back `window` tokens."""
    full, _ = cells(serving)
    if serving.swa_full or serving.engine == "vllm":
        return full
    if serving.engine == "mlx":
        return min(full, window)
    visible = window * (serving.sequences if serving.unified else 1) + serving.ubatch
    return padded(min(full, visible))


class CacheRow(NamedTuple):
    """A row of `values` in each cell, stored as `kind`; `what` says what of, for the formula."""

    what: str
    values: int
    kind: str


def cache_term(name: str, layers: int, count: int, streams: int, rows: Sequence[CacheRow]) -> Term:
    """layers × cells × streams × the bytes of `rows`."""
    sizes = [row_bytes(row.kind, row.values) for row in rows]
    inside = " + ".join(f"{row.what} = {size:,} B {row.kind}" for row, size in zip(rows, sizes, strict=True))
    held = f"{count:,} cells" + (f" × {streams} streams" if streams > 1 else "")
    return Term(name, f"{layers} layers × {held} × ({inside})", layers * count * streams * sum(sizes))


def index_term(width: int, layers: int, count: int, streams: int, serving: Serving) -> Term:
    """The keys of a sparse-attention indexer, `width` values in each cell."""
    return cache_term("index keys", layers, count, streams, [CacheRow(f"K {width}", width, serving.k_type)])
