"""The compute buffer: what an engine sets aside for the values in flight while it runs one batch of tokens.

An estimate. llama.cpp's allocator packs the tensors of its graph one after the other; here the tensors that are alive
together at the tightest places are counted: the output logits, a feed-forward layer, a layer's mixer. The counts
below were read off llama.cpp itself (autumn 2026, CPU backend, which reports its buffer for a model without weights)
by varying one size at a time; what they leave out is how the packing falls. Of 655 buffers of 131 models four in five
agree within 1 %, 97 in a hundred within 10 %; the others need up to a quarter more, where the packing leaves a gap.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qtui.compute.memory.cache import Term, Use, cells, window_cells

Group = Mapping[str, Any]
WHY = "the tensors alive at the tightest place are counted; llama.cpp's packing may need up to a quarter more"
# vLLM profiles a batch of so many tokens (max_num_batched_tokens), MLX prefills in steps of as many.
BATCHED = {"vllm": 8192, "mlx": 2048}


def _masks(arch: Group, use: Use) -> int:
    """Cells that the attention masks cover: one for all, and one for a window's cache."""
    full, streams = cells(use)
    if not any(m["kind"] in ("attention", "mla", "dsv4") for m in arch["mixers"]):
        return 0
    windows = {w for m in arch["mixers"] if (w := m.get("window") or m.get("chunk")) and len(arch["mixers"]) > 1}
    return full + sum(window_cells(use, window) for window in windows)


def _feed_forward(f: Group, h: int) -> tuple[int, str]:
    """Values per token alive in a feed-forward layer, and the sum as text."""
    if f["kind"] == "dense":
        return 3 * f["intermediate"] + 4 * h, f"3 × {f['intermediate']:,} + 4 × {h:,}"
    top, width = f["experts_per_token"], f["moe_intermediate"]
    if 2 * width >= h:
        # The experts' outputs find room where gate and up were.
        return 3 * top * width + 4 * h, f"3 × {top} × {width:,} + 4 × {h:,}"
    return 3 * top * width + (top + 5) * h, f"3 × {top} × {width:,} + ({top} + 5) × {h:,}"


def _mixer(m: Group, h: int, full: int, flash: bool) -> tuple[int, str]:
    """Values per token alive in a layer's mixer, and the sum as text."""
    kind = m["kind"]
    scores = 0 if flash else m.get("heads", 0) * full
    shown = "" if flash else f"{m.get('heads', 0)} heads × {full:,} cells + "
    if kind == "attention":
        q, kv = m["heads"] * m["head_dim"], m["kv_heads"] * m["head_dim"]
        return scores + 3 * h + 2 * q + 2 * kv, f"{shown}3 × {h:,} + 2 × {q:,} + 2 × {kv:,}"
    if kind == "mla":
        rank, rope, nope = m["kv_lora_rank"], m["qk_rope_head_dim"], m["qk_nope_head_dim"]
        count = scores + 5 * h + m["heads"] * (2 * rank + 3 * rope + nope) + 2 * rank
        text = f"{shown}5 × {h:,} + {m['heads']} × (2 × {rank} + 3 × {rope} + {nope}) + 2 × {rank}"
        index = m.get("indexer")
        if index:
            # The sparse-attention indexer: its queries many times over, its scores for every cell.
            count += 15 * index["heads"] * index["head_dim"] + 2 * full
            text += f" + 15 × {index['heads']} × {index['head_dim']} + 2 × {full:,} cells"
        return count, text
    if kind == "gated_deltanet":
        key, value = m["k_heads"] * m["k_head_dim"], m["v_heads"] * m["v_head_dim"]
        return 6 * key + 3 * value + 3 * h, f"6 × {key:,} + 3 × {value:,} + 3 × {h:,}"
    if kind == "kda":
        width = m["heads"] * m["head_dim"]
        return 9 * width + 3 * h, f"9 × {width:,} + 3 × {h:,}"
    if kind == "mamba2":
        inner = m["heads"] * m["head_dim"]
        conv = inner + 2 * m["groups"] * m["state"]
        return 3 * inner + 3 * conv + 3 * h, f"3 × {inner:,} + 3 × {conv:,} + 3 × {h:,}"
    return 8 * h, f"8 × {h:,}"


def _logits(arch: Group, h: int, vocab: int, ubatch: int, mask_bytes: int, mask: str) -> tuple[int, str]:
    """The output logits beside the last hidden states.

    Read off llama.cpp: with latent attention some of the layers' values lie in the way of the logits, with recurrent
    layers or fused projections one more hidden state, and in dense Gated DeltaNet models of 2,560 and 5,120 wide the
    long mask, for most contexts.
    """
    kinds = {m["kind"] for m in arch["mixers"]}
    more = arch.get("fused_qkv") or kinds & {"gated_deltanet", "mamba2"}
    latent, states = "mla" in kinds, 3 if more else 2
    count = vocab + (4 * h + 8192 if latent else states * h)
    text = f"{vocab:,} + {4 if latent else states} × {h:,}{' + 8,192' if latent else ''}"
    dense = all(f["kind"] == "dense" for f in arch["ffns"])
    blocked = dense and h % 2560 == 0 and "gated_deltanet" in kinds
    size = 4 * ubatch * count + (mask_bytes if blocked else 0)
    return size, f"logits: ({text}) × {ubatch} tokens × 4 B{mask if blocked else ''}"


def compute_term(arch: Group, use: Use) -> Term:
    """The compute buffer of `arch`: on llama.cpp's CPU backend (a GPU's is of the same size or smaller)."""
    if use.engine != "llama.cpp":
        return _other_engine(arch, use)
    h, vocab = arch["hidden_size"], arch["vocab_size"]
    full, streams = cells(use)
    ubatch = min(use.ubatch, full * streams)
    # The mask is half precision with flash attention: two bytes for each cell and token.
    width = 2 if use.flash else 4
    masks = _masks(arch, use)
    mask = f" + mask {masks:,} cells × {ubatch} × {width} B" if masks else ""
    places = [_logits(arch, h, vocab, ubatch, masks * ubatch * width, mask)]
    inside = [("FFN", *_feed_forward(f, h)) for f in arch["ffns"]]
    inside += [(m["kind"], *_mixer(m, h, full, use.flash)) for m in arch["mixers"]]
    for name, count, text in inside:
        size = 4 * ubatch * count + masks * ubatch * width
        places.append((size, f"{name}: ({text}) × {ubatch} tokens × 4 B{mask}"))
    size, text = max(places)
    return Term("compute buffer", text, size, WHY)


def _other_engine(arch: Group, use: Use) -> Term:
    """Activations in 16 bits for one batch, and float32 logits for what is sampled."""
    h, vocab, batch = arch["hidden_size"], arch["vocab_size"], min(BATCHED[use.engine], use.context * use.sequences)
    count, text = max([_feed_forward(f, h) for f in arch["ffns"]] + [(8 * h, f"8 × {h:,}")])
    logits = use.sequences * vocab * 4 * 2
    formula = f"({text}) × {batch:,} tokens × 2 B + {use.sequences} × {vocab:,} logits × 8 B"
    why = "activations of one batch; CUDA graphs and workspaces come on top" if use.engine == "vllm" else "one step"
    return Term("activations", formula, 2 * batch * count + logits, why)
