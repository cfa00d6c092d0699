"""KV cache and recurrent state, as llama.cpp, vLLM and MLX allocate them.

llama.cpp (src/llama-kv-cache*.cpp, llama-memory-recurrent.cpp): a cache has cells, a multiple of 256 for each
stream of sequences; each attention layer stores one row of keys and one of values in every cell; layers with a
sliding window have a smaller cache of their own; recurrent layers keep a float32 state for every sequence. vLLM gives
every attention layer of a hybrid model full pages; MLX keeps exactly the window.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from qtui.compute.formats import get_format
from qtui.compute.memory.weights import PLAIN

ENGINES = ("llama.cpp", "vllm", "mlx")


class Use(NamedTuple):
    """How a model is run: what decides the size of its cache and buffers."""

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


def row(kind: str, count: int) -> int:
    """Bytes of `count` values in a row of the cache. Raises ValueError for a format that isn't known."""
    plain = PLAIN.get(kind.lower())
    if plain:
        return plain * count
    return get_format(kind).row_bytes(count)


def cells(use: Use) -> tuple[int, int]:
    """(cells of one stream, streams) of a cache that keeps every token."""
    if use.engine != "llama.cpp":
        return padded(use.context, 16 if use.engine == "vllm" else 1), use.sequences
    if use.unified or use.sequences == 1:
        return padded(use.context), 1
    return padded(padded(use.context) // use.sequences), use.sequences


def window_cells(use: Use, window: int) -> int:
    """Cells of one stream for layers that look back `window` tokens."""
    full, _ = cells(use)
    if use.swa_full or use.engine == "vllm":
        return full
    if use.engine == "mlx":
        return min(full, window)
    seen = window * (use.sequences if use.unified else 1) + use.ubatch
    return padded(min(full, seen))


def _window(m: Mapping[str, Any], arch: Mapping[str, Any], use: Use) -> int:
    """The window of a group, 0 where every token is kept.

    llama.cpp runs Mistral 7B, the only model here whose layers are all windowed, without its window.
    """
    window = int(m.get("window") or m.get("chunk") or 0)
    alone = len(arch["mixers"]) == 1 and use.engine == "llama.cpp"
    return 0 if alone else window


def kv_terms(arch: Mapping[str, Any], use: Use) -> list[Term]:
    """The KV cache of `arch`, a term for each group of layers that has one."""
    return [term for m in arch["mixers"] for term in group_kv(arch, m, use)]


def group_kv(arch: Mapping[str, Any], m: Mapping[str, Any], use: Use) -> list[Term]:
    """The KV cache of the group of layers `m`."""
    if m["kind"] == "attention" and not m.get("kv_shared"):
        return _attention(m, _window(m, arch, use), use)
    if m["kind"] == "mla":
        return _latent(m, use)
    return _dsv4(m, use) if m["kind"] == "dsv4" else []


def _sum(
    name: str, layers: int, count: int, streams: int, parts: Sequence[tuple[int, str, str]], why: str = ""
) -> Term:
    """layers × cells × streams × the bytes of `parts`, each (row bytes, what, format)."""
    each = sum(size for size, _, _ in parts)
    inside = " + ".join(f"{what} = {size:,} B {kind}" for size, what, kind in parts)
    held = f"{count:,} cells" + (f" × {streams} streams" if streams > 1 else "")
    formula = f"{layers} layers × {held} × ({inside})"
    return Term(name, formula, layers * count * streams * each, why)


def _attention(m: Mapping[str, Any], window: int, use: Use) -> list[Term]:
    full, streams = cells(use)
    heads, k, v = m["kv_heads"], m["head_dim"], m.get("v_head_dim") or m["head_dim"]
    parts = [(row(use.k_type, heads * k), f"K {heads} × {k}", use.k_type)]
    parts.append((row(use.v_type, heads * v), f"V {heads} × {v}", use.v_type))
    count = window_cells(use, window) if window else full
    name = f"KV cache, window {window:,}" if window and count < full else "KV cache"
    found = [_sum(name, m["layers"], count, streams, parts)]
    if m.get("index_key_dim_per_token"):
        found.append(_index(m["index_key_dim_per_token"], m["layers"], full, streams, use))
    return found


def _index(width: int, layers: int, count: int, streams: int, use: Use) -> Term:
    return _sum("index keys", layers, count, streams, [(row(use.k_type, width), f"K {width}", use.k_type)])


def _latent(m: Mapping[str, Any], use: Use) -> list[Term]:
    """MLA keeps one latent row a token and no values."""
    full, streams = cells(use)
    rank, rope = m["kv_lora_rank"], m["qk_rope_head_dim"]
    what = f"latent {rank} + {rope}"
    found = [_sum("KV cache, latent", m["layers"], full, streams, [(row(use.k_type, rank + rope), what, use.k_type)])]
    index = m.get("indexer")
    if index:
        found.append(_index(index["head_dim"] // index.get("kpool", 1), m["layers"], full, streams, use))
    return found


def _dsv4(m: Mapping[str, Any], use: Use) -> list[Term]:
    """DeepSeek-V4: a short window of shared keys, and one compressed entry for every few tokens.

    llama.cpp keeps streams apart here even where caches are unified (src/llama-kv-cache-dsv4.cpp).
    """
    apart = use._replace(unified=False)
    full, streams = cells(apart)
    width, ratio = m["head_dim"], m.get("compress_ratio", 0)
    part = (row(use.k_type, width), f"K {width}", use.k_type)
    held = window_cells(apart, m["window"])
    found = [_sum(f"KV cache, window {m['window']}", m["layers"], held, streams, [part])]
    if ratio:
        entries = padded(-(-full // ratio)) if use.engine == "llama.cpp" else -(-full // ratio)
        found.append(_sum(f"KV cache, 1 in {ratio}", m["layers"], entries, streams, [part]))
        index = m.get("indexer")
        if index:
            found.append(_index(index["head_dim"], m["layers"], entries, streams, use))
    return found


def state_terms(arch: Mapping[str, Any], use: Use) -> list[Term]:
    """The recurrent state of `arch`: it doesn't grow with the context; every sequence (and draft copy) has one."""
    return [term for m in arch["mixers"] for term in group_state(arch, m, use)]


def group_state(arch: Mapping[str, Any], m: Mapping[str, Any], use: Use) -> list[Term]:
    """The recurrent state of the group of layers `m`."""
    sizes = state_values(m, arch["hidden_size"])
    if not sizes:
        return []
    conv, matrix = sizes
    copies = use.sequences * (1 + use.rollback)
    # The convolution's tail is float32 in llama.cpp, 16 bits in vLLM and MLX; the matrix float32 everywhere.
    tail = 4 if use.engine == "llama.cpp" else 2
    inside = " + ".join([f"conv {conv:,} × {tail} B"] * bool(conv) + [f"state {matrix:,} × 4 B"] * bool(matrix))
    each = f" × {copies} copies" if copies > 1 else ""
    formula = f"{m['layers']} layers × ({inside}){each}"
    return [Term("recurrent state", formula, m["layers"] * (conv * tail + matrix * 4) * copies)]


def state_values(m: Mapping[str, Any], h: int) -> tuple[int, int] | None:
    """(values of the convolution's tail, of the matrix state) of one layer of `m`, or None without state."""
    kind = m["kind"]
    if kind == "gated_deltanet":
        key, value = m["k_heads"] * m["k_head_dim"], m["v_heads"] * m["v_head_dim"]
        return (m["conv_kernel"] - 1) * (2 * key + value), m["k_head_dim"] * value
    if kind == "kda":
        width = m["heads"] * m["head_dim"]
        return (m["conv_kernel"] - 1) * 3 * width, m["head_dim"] * width
    if kind == "mamba2":
        inner = m["heads"] * m["head_dim"]
        return (m["conv_kernel"] - 1) * (inner + 2 * m["groups"] * m["state"]), m["state"] * inner
    if kind == "dsv4" and m.get("compress_ratio"):
        # A float32 row of values and one of scores for each token of a compressor's window.
        held = m["compress_ratio"] * (2 if m["overlap"] else 1)
        wide = m["head_dim"] * (2 if m["overlap"] else 1)
        index = 2 * m["indexer"]["head_dim"] if m.get("indexer") else 0
        return 0, 2 * held * (wide + index)
    if kind == "short_conv":
        return (m["conv_kernel"] - 1) * h, 0
    return None
