"""Memory of training: weights, gradients and optimizer states exactly, activations as an estimate.

Numbers a parameter: mixed precision with Adam keeps 16-bit weights and gradients and, in 32 bits, a copy of the
weights and two moments: 16 bytes (Rajbhandari et al. 2020, ZeRO, arXiv 1910.02054, section 3.1). 8-bit Adam keeps the
moments in a byte each with a 32-bit scale for each block (Dettmers et al. 2021, arXiv 2110.02861; blocks of 256 in
bitsandbytes). LoRA trains two matrices of `rank` beside each frozen one (Hu et al. 2021, arXiv 2106.09685), QLoRA on
weights in NF4 with scales that are quantized themselves: 4 + 8/64 + 32/(64 × 256) bits (Dettmers et al. 2023,
arXiv 2305.14314).

Activations are what each layer keeps for its backward pass: the inputs of its matrices and norms and what its gates
multiply, counted for the layer's own widths in the way of Korthikanti et al. 2022 (arXiv 2205.05198, section 4.1),
without dropout, which few models are trained with today: 32 bytes × hidden size for a token and layer of GPT-2.
RMSNorm keeps its input in 32 bits and the normed values beside them, as transformers computes it. With checkpointing
only each layer's input is kept, and one layer is computed anew at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from qtui.compute.memory.architecture import Architecture, layer_tensors, text_tensors
from qtui.compute.memory.serving import Term
from qtui.compute.memory.tensors import WeightTensor, gathered

QUANTIZED = ("attention", "ffn", "experts", "shared", "router")  # parts that QLoRA stores in NF4
ADAPTED = ("attention", "ffn", "shared")  # parts whose matrices get adapters
# Bits of a weight in NF4 with double quantization, times 64 × 256 weights.
NF4_BITS, NF4_SPAN = 4 * 64 * 256 + 8 * 256 + 32, 64 * 256
EIGHT_BIT_BLOCK = 256
LOGIT_BYTES = 10  # 16-bit logits, their 32-bit copy for the loss, and its gradient
WHY = (
    "what each layer keeps, within 1 % of what PyTorch saves for Llama, Mistral, Qwen, Granite (transformers 5.24), "
    "2 % for mixtures; Gemma and gpt-oss need up to half more; workspaces and fragments come on top"
)


class TrainingSetup(NamedTuple):
    """How a model is trained: `tokens` of each of `batch` sequences on one device, adapters of `rank`."""

    method: str
    tokens: int
    batch: int = 1
    rank: int = 16
    optimizer: str = "adamw"
    checkpointing: bool = True
    flash: bool = True


class TrainingSum(NamedTuple):
    """Terms with their group: "weights", "gradients", "optimizer" or "activations".

    `trained` parameters change. What is `sharded` is divided among devices where each holds a part (FSDP, ZeRO-3);
    the `rest` every device has for itself. Bytes.
    """

    terms: tuple[tuple[str, Term], ...]
    trained: int
    sharded: int
    rest: int

    @property
    def total(self) -> int:
        """All of it on one device."""
        return self.sharded + self.rest

    def bytes(self, group: str) -> int:
        """Bytes of all terms of a group."""
        return sum(term.bytes for name, term in self.terms if name == group)


def training_sum(arch: Architecture, setup: TrainingSetup) -> TrainingSum:
    """What training the text model of `arch` takes. Raises QtuiError where its layers don't add up."""
    groups = gathered(text_tensors(arch))
    counted = [(group.tensor, len(group.layers)) for group in groups]
    total = sum(tensor.size * count for tensor, count in counted)
    if setup.method == "full":
        trained, held = total, [("weights", Term("weights", f"{total:,} × 2 B (16 bits)", 2 * total))]
        states = [
            ("gradients", Term("gradients", f"{total:,} × 2 B (16 bits)", 2 * total)),
            ("optimizer", Term("32-bit copy", f"{total:,} × 4 B", 4 * total)),
        ]
    else:
        trained = _adapters(counted, setup.rank)
        held = _frozen(counted, total, setup.method)
        held.append(("weights", Term("adapters", f"{trained:,} × 4 B (32 bits, rank {setup.rank})", 4 * trained)))
        states = [("gradients", Term("adapters' gradients", f"{trained:,} × 4 B", 4 * trained))]
    fixed = [*held, *states, *_moments(trained, setup.optimizer)]
    moving = _activations(arch, setup)
    return TrainingSum((*fixed, *moving), trained, _bytes(fixed), _bytes(moving))


def _bytes(terms: Iterable[tuple[str, Term]]) -> int:
    return sum(term.bytes for _, term in terms)


def _adapters(counted: list[tuple[WeightTensor, int]], rank: int) -> int:
    """Parameters of the adapters: `rank` × (inputs + outputs) for every matrix of `ADAPTED`."""
    return sum(
        rank * sum(tensor.shape) * count
        for tensor, count in counted
        if tensor.part in ADAPTED and len(tensor.shape) == 2
    )


def _frozen(counted: list[tuple[WeightTensor, int]], total: int, method: str) -> list[tuple[str, Term]]:
    """The weights that stay as they are: in 16 bits, for QLoRA the layers' matrices in NF4."""
    if method == "lora":
        return [("weights", Term("frozen weights", f"{total:,} × 2 B (16 bits)", 2 * total))]
    packed = sum(t.size * n for t, n in counted if t.part in QUANTIZED and len(t.shape) >= 2)
    experts = any(t.part == "experts" for t, _ in counted)
    why = "experts that a program stacks in one tensor may stay in 16 bits" if experts else ""
    size = -(-packed * NF4_BITS // (NF4_SPAN * 8))
    formula = f"{packed:,} × {NF4_BITS / NF4_SPAN:.4g}/8 B (NF4, scales in 8 bits)"
    plain = f"{total - packed:,} × 2 B (embeddings, norms, head)"
    return [
        ("weights", Term("frozen weights", formula, size, why)),
        ("weights", Term("frozen in 16 bits", plain, 2 * (total - packed))),
    ]


def _moments(trained: int, optimizer: str) -> list[tuple[str, Term]]:
    """The optimizer's states."""
    if optimizer == "sgd":
        return []
    if optimizer == "adamw":
        return [("optimizer", Term("Adam's two moments", f"{trained:,} × 2 × 4 B", 8 * trained))]
    scales = -(-trained // EIGHT_BIT_BLOCK)
    formula = f"2 × ({trained:,} × 1 B + {scales:,} scales × 4 B)"
    return [("optimizer", Term("Adam's two moments in 8 bits", formula, 2 * (trained + 4 * scales)))]


def _activations(arch: Architecture, setup: TrainingSetup) -> list[tuple[str, Term]]:
    """What the backward pass needs of the forward pass, and the logits."""
    tokens = setup.tokens * setup.batch
    kept = [kept_bytes(arch, tensors, setup.method != "full") for tensors in layer_tensors(arch)]
    scores = 0 if setup.flash else 5 * setup.tokens  # bytes a token and head
    h, count = arch.hidden_size, arch.num_layers
    if setup.checkpointing:
        largest = max(kept) + scores * max((m.query_heads for m in arch.mixers), default=0)
        size = tokens * (2 * h * count + largest)
        formula = f"{tokens:,} tokens × ({count} layers × {h:,} × 2 B + {largest:,} B of one layer)"
    else:
        size = tokens * (sum(kept) + scores * sum(m.query_heads * m.layers for m in arch.mixers))
        formula = f"{tokens:,} tokens × {size // max(1, tokens):,} B of {count} layers"
    logits = LOGIT_BYTES * tokens * arch.vocab_size
    head = f"{tokens:,} tokens × {arch.vocab_size:,} × {LOGIT_BYTES} B (16 bits, 32 bits, gradient)"
    return [
        ("activations", Term("activations", formula, size, WHY)),
        ("activations", Term("logits", head, logits, "programs with a fused loss take less")),
    ]


def kept_bytes(arch: Architecture, tensors: tuple[WeightTensor, ...], frozen: bool = False) -> int:
    """Bytes that a layer of `tensors` keeps for each token until its backward pass, attention scores left out.

    A `frozen` norm needs its input alone.
    """
    chosen = max((f.experts_per_token for f in arch.ffns), default=0)
    matrices = [tensor for tensor in tensors if len(tensor.shape) > 1 and tensor.part != "router"]
    rows = {tensor.name: tensor.shape[-2] for tensor in matrices}
    total = 0
    for tensor in matrices:
        times = min(chosen, tensor.shape[0]) if tensor.part == "experts" else 1
        if not any(word in tensor.name for word in ("output", "down", "out")):
            total += 2 * times * tensor.shape[-2]
        else:
            # Into the last matrix of a gated half goes a product, of which one factor is kept as well.
            gated = tensor.part != "attention" and _gated(tensor, rows)
            total += 2 * times * tensor.shape[-1] * (2 if gated else 1)
    # Chosen experts each get a copy of what goes in, and what comes out is weighed.
    total += 4 * chosen * arch.hidden_size if any(tensor.part == "experts" for tensor in matrices) else 0
    for norm in ("attn_norm.weight", "ffn_norm.weight"):  # what goes into the first matrices of a half
        total += 2 * arch.hidden_size if any(tensor.name == norm for tensor in tensors) else 0
    return total + sum(_norm_bytes(arch, tensor, rows, frozen) for tensor in tensors)


def _gated(down: WeightTensor, rows: Mapping[str, int]) -> bool:
    """Whether a gate multiplies what goes into the matrix `down`: one of its own, or one stored with the other."""
    gate, up = down.name.replace("down", "gate"), down.name.replace("down", "up")
    return gate in rows or rows.get(up, 0) > down.shape[-1]


def _norm_bytes(arch: Architecture, tensor: WeightTensor, rows: Mapping[str, int], frozen: bool) -> int:
    """What a norm keeps: LayerNorm its input in 16 bits, RMSNorm in 32 and the normed values if its weight learns."""
    if not tensor.name.endswith("norm.weight"):
        return 0
    # Queries and keys are normed head by head with one weight for all.
    width = rows.get(tensor.name.replace("_norm", ""), tensor.size)
    return width * (2 if arch.layernorm_bias else 4 if frozen else 6)
