"""The compute buffer: what llama.cpp sets aside for the values in flight while it runs one batch of tokens.

An estimate: the allocator's packing of a graph isn't reproduced, but the tensors that are alive together at the
three tightest places are: the output logits, a feed-forward layer, and an attention layer. On the CPU backend the
largest of the three is the buffer, to the kilobyte for plain transformers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qtui.compute.memory.cache import Term, Use, cells, padded, window_cells

WHY = "llama.cpp's allocator decides at run time; the tensors alive at the tightest place are counted"


def _masks(arch: Mapping[str, Any], use: Use) -> int:
    """Values per token of the attention masks: one row over the cache, one over a window's cache."""
    full, streams = cells(use)
    windows = {w for m in arch["mixers"] if (w := m.get("window") or m.get("chunk")) and len(arch["mixers"]) > 1}
    return full * streams + sum(window_cells(use, window) for window in windows)


def _feed_forward(f: Mapping[str, Any], h: int) -> tuple[int, str]:
    """Values per token alive in a feed-forward layer, and the sum as text."""
    if f["kind"] == "dense":
        return 3 * f["intermediate"] + 4 * h, f"3 × {f['intermediate']:,} + 4 × {h:,}"
    top, width = f["experts_per_token"], f["moe_intermediate"]
    return (top + 5) * h + 2 * top * width, f"({top} + 5) × {h:,} + 2 × {top} × {width:,}"


def _attention(m: Mapping[str, Any], h: int, full: int) -> tuple[int, str]:
    """Values per token alive in an attention layer without flash attention."""
    q, kv = m["heads"] * m["head_dim"], m["kv_heads"] * m["head_dim"]
    count = m["heads"] * full + 3 * h + 2 * q + 2 * kv
    return count, f"{m['heads']} heads × {full:,} cells + 3 × {h:,} + 2 × {q:,} + 2 × {kv:,}"


def compute_term(arch: Mapping[str, Any], use: Use) -> Term:
    """The compute buffer of `arch` on the CPU backend (a GPU's is of the same size or smaller)."""
    h, vocab = arch["hidden_size"], arch["vocab_size"]
    ubatch = min(use.ubatch, padded(use.context, 1))
    masks = _masks(arch, use)
    # The mask is half precision with flash attention: two bytes for each cell and token.
    mask_bytes = masks * ubatch * (2 if use.flash else 4)
    mask_text = f" + mask {masks:,} cells × {ubatch} × {2 if use.flash else 4} B"
    full, _ = cells(use)
    places = [(4 * ubatch * (vocab + 2 * h), f"logits: ({vocab:,} + 2 × {h:,}) × {ubatch} tokens × 4 B")]
    for f in arch["ffns"]:
        count, text = _feed_forward(f, h)
        places.append((4 * ubatch * count + mask_bytes, f"FFN: ({text}) × {ubatch} tokens × 4 B{mask_text}"))
    for m in arch["mixers"]:
        if m["kind"] == "attention" and not use.flash:
            count, text = _attention(m, h, full)
            places.append(
                (4 * ubatch * count + mask_bytes, f"attention: ({text}) × {ubatch} tokens × 4 B{mask_text}")
            )
    size, text = max(places)
    return Term("compute buffer", text, size, WHY)
