"""The compute buffer: what an engine sets aside for the values in flight while it runs one batch of tokens.

An estimate. llama.cpp's allocator packs the tensors of its graph one after the other; here the tensors that are alive
together at the tightest places are counted: the output logits, a feed-forward layer, a layer's mixer. The counts
were read off llama.cpp itself (autumn 2026, CPU backend, which reports its buffer for a model without weights)
by varying one size at a time; what they leave out is how the packing falls. Of 655 buffers of 131 models four in five
agree within 1 %, 97 in a hundred within 10 %; the others need up to a quarter more, where the packing leaves a gap.
"""

from __future__ import annotations

from qtui.compute.memory.architecture import Architecture
from qtui.compute.memory.mixers.base import AliveValues, BesideLogits
from qtui.compute.memory.serving import Serving, Term, cells, window_cells

WHY = "the tensors alive at the tightest place are counted; llama.cpp's packing may need up to a quarter more"
# vLLM profiles a batch of so many tokens (max_num_batched_tokens), MLX prefills in steps of as many.
BATCHED = {"vllm": 8192, "mlx": 2048}
COPIES = 4  # of a graph's inputs on each card of a pipeline: ggml's GGML_SCHED_MAX_COPIES
BLOCKED_WIDTH = 2560  # dense Gated DeltaNet models of multiples of it keep the mask beside the logits


def _mask_cells(arch: Architecture, serving: Serving) -> int:
    """Cells that the attention masks cover: one for all, and one for a window's cache."""
    full, _ = cells(serving)
    if not any(m.ATTENDS for m in arch.mixers):
        return 0
    windows = {m.span for m in arch.mixers if m.span and len(arch.mixers) > 1}
    return full + sum(window_cells(serving, window) for window in windows)


def _logits(arch: Architecture, ubatch: int, mask_bytes: int, mask: str) -> tuple[int, str]:
    """The output logits, with what the layers leave beside them, in bytes and as text.

    For most contexts the mask lies beside them in dense Gated DeltaNet models of 2,560 and 5,120 wide.
    """
    h, vocab = arch.hidden_size, arch.vocab_size
    states, values, _ = max((m.beside_logits for m in arch.mixers), default=BesideLogits())
    blocked = not arch.experts and h % BLOCKED_WIDTH == 0 and any(m.beside_logits.masks for m in arch.mixers)
    size = 4 * ubatch * (vocab + states * h + values) + (mask_bytes if blocked else 0)
    text = f"{vocab:,} + {states} × {h:,}{f' + {values:,}' if values else ''}"
    return size, f"logits: ({text}) × {ubatch} tokens × 4 B{mask if blocked else ''}"


def compute_term(arch: Architecture, serving: Serving) -> Term:
    """The compute buffer of `arch`: on llama.cpp's CPU backend (a GPU's is of the same size or smaller)."""
    if serving.engine != "llama.cpp":
        return _other_engine(arch, serving)
    h = arch.hidden_size
    full, streams = cells(serving)
    ubatch = min(serving.ubatch, full * streams)
    # The mask is half precision with flash attention: two bytes for each cell and token.
    width = 2 if serving.flash else 4
    masks = _mask_cells(arch, serving)
    mask = f" + mask {masks:,} cells × {ubatch} × {width} B" if masks else ""
    places = [_logits(arch, ubatch, masks * ubatch * width, mask)]
    inside: list[tuple[str, AliveValues]] = [("FFN", f.buffer(h)) for f in arch.ffns]
    inside += [(m.KIND, m.buffer(h, full, serving.flash)) for m in arch.mixers]
    for name, alive in inside:
        size = 4 * ubatch * alive.values + masks * ubatch * width
        places.append((size, f"{name}: ({alive.text}) × {ubatch} tokens × 4 B{mask}"))
    size, text = max(places)
    return Term("compute buffer", text, size, WHY)


def other_cards_term(arch: Architecture, serving: Serving, cards: int, tensor_split: bool) -> Term:
    """The compute buffers of `cards` beside the first: as large on each.

    Where every matrix is divided among the cards, so are the values in flight, and only the masks are on each.
    """
    own = compute_term(arch, serving).bytes
    if tensor_split:
        own = _mask_bytes(arch, serving)
        why = "the masks alone; llama.cpp needed a tenth more with three cards (llama-toolchest issue 180)"
        return Term("masks, more cards", f"{cards - 1} card{'s' * (cards > 2)} × {own:,} B", (cards - 1) * own, why)
    why = "every card is counted with the whole buffer; the logits are on one alone"
    return Term("buffers, more cards", f"{cards - 1} card{'s' * (cards > 2)} × {own:,} B", (cards - 1) * own, why)


def copies_term(arch: Architecture, serving: Serving, cards: int) -> Term:
    """What llama.cpp keeps of a graph's inputs so that cards can work on batches one behind the other.

    Measured: 4.0 GiB on each of four cards for the masks of 1,048,576 cells (unsloth pull request 7637).
    """
    masks, values = _mask_bytes(arch, serving), 4 * serving.ubatch * arch.hidden_size
    formula = f"{cards} cards × {COPIES - 1} copies × ({masks:,} B of masks + {values:,} B of values)"
    why = "where there is room for them; llama.cpp goes without them where there is none"
    return Term("pipeline's copies", formula, cards * (COPIES - 1) * (masks + values), why)


def _mask_bytes(arch: Architecture, serving: Serving) -> int:
    """The attention masks of one batch: half precision with flash attention."""
    full, streams = cells(serving)
    return _mask_cells(arch, serving) * min(serving.ubatch, full * streams) * (2 if serving.flash else 4)


def _other_engine(arch: Architecture, serving: Serving) -> Term:
    """Activations in 16 bits for one batch, and float32 logits for what is sampled."""
    h, vocab, batch = (
        arch.hidden_size,
        arch.vocab_size,
        min(BATCHED[serving.engine], serving.context * serving.sequences),
    )
    count, text = max([*(f.buffer(h) for f in arch.ffns), AliveValues(8 * h, f"8 × {h:,}")])
    logits = serving.sequences * vocab * 4 * 2
    formula = f"({text}) × {batch:,} tokens × 2 B + {serving.sequences} × {vocab:,} logits × 8 B"
    why = (
        "activations of one batch; CUDA graphs and workspaces come on top" if serving.engine == "vllm" else "one step"
    )
    return Term("activations", formula, 2 * batch * count + logits, why)
