"""A language model's architecture: groups of equal layers, and the tensors that follow from them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from qtui.compute.memory.ffns.base import FeedForward
from qtui.compute.memory.mixers.base import Mixer
from qtui.compute.memory.tensors import LayerGroup, WeightTensor, matrix, rest, vector
from qtui.error import QtuiError

if TYPE_CHECKING:
    from qtui.compute.memory.draft import DraftModule
    from qtui.compute.memory.towers import VisionTower

MIXER_NORMS = ("attn_norm", "post_attention_norm")
FFN_NORMS = ("ffn_norm", "post_ffw_norm")
LAYERNORM_BIAS = "layernorm_bias"
LAYERS_LIMIT = 10_000  # more are a mistake, or an attack
Counts = tuple[tuple[str, int], ...]  # parameters of which only the number is known, by name


class Architecture(NamedTuple):
    """Everything that a model's memory follows from.

    `norm` is "" for RMSNorm or "layernorm_bias"; `final_norm` is False where nothing is normed after the last layer.
    `learned_positions` counts learned position embeddings; `embedding_size` is the width of embeddings that are
    narrower than the layers, else 0.
    `other_text` belongs to the text model, `other_extra` to the checkpoint outside it, as do `mtp` (the draft
    module) and `vision`.
    """

    hidden_size: int
    num_layers: int
    vocab_size: int
    tie_word_embeddings: bool
    mixers: tuple[Mixer, ...]
    ffns: tuple[FeedForward, ...]
    norm: str = ""
    final_norm: bool = True
    learned_positions: int = 0
    lm_head_bias: bool = False
    other_text: Counts = ()
    mtp: "DraftModule | None" = None
    vision: "VisionTower | None" = None
    other_extra: Counts = ()
    duplicate_lm_head_in_checkpoint: bool = False
    embedding_size: int = 0

    @property
    def layernorm_bias(self) -> bool:
        """Whether norms have a bias."""
        return self.norm == LAYERNORM_BIAS

    @property
    def experts(self) -> int:
        """Experts of a layer, 0 in a dense model."""
        return max((f.experts for f in self.ffns), default=0)


def fused(mixers: Sequence[Mixer], ffns: Sequence[FeedForward]) -> tuple[tuple[Mixer, ...], tuple[FeedForward, ...]]:
    """The same groups with queries, keys and values stored as one matrix, and so gate and up (Phi-3)."""
    return tuple(m.fused() for m in mixers), tuple(f.fused() for f in ffns)


def spread(groups: Sequence[LayerGroup]) -> list[int]:
    """For each layer in order, the number of its group.

    Two interleaved groups put the rarer one last in each period, as published models do; a leading group of dense
    layers comes first; more groups follow one another.
    """
    if len(groups) == 2:
        few = 0 if groups[0].layers < groups[1].layers else 1
        leading = isinstance(groups[0], FeedForward) and not groups[0].experts and few == 0
        rare, total = groups[few].layers, groups[0].layers + groups[1].layers
        if not leading and rare:
            order = [1 - few] * total
            for i in range(rare):
                order[(i + 1) * (total // rare) - 1] = few
            return order
    return [number for number, group in enumerate(groups) for _ in range(group.layers)]


def _mixer_tensors(m: Mixer, h: int, biased: bool) -> tuple[WeightTensor, ...]:
    return (*m.norm_tensors(MIXER_NORMS, h, biased), *m.tensors(h), *rest("attn_rest", m.extra, h))


def _ffn_tensors(f: FeedForward, h: int, biased: bool) -> tuple[WeightTensor, ...]:
    return (*f.norm_tensors(FFN_NORMS, h, biased), *f.tensors(h), *rest("ffn_rest", f.extra, h))


def layer_tensors(arch: Architecture) -> list[tuple[WeightTensor, ...]]:
    """The tensors of every layer of the text model, in order, named without "blk.N.".

    Raises QtuiError when the groups don't cover num_layers.
    """
    h, total, biased = arch.hidden_size, arch.num_layers, arch.layernorm_bias
    of_mixer = [_mixer_tensors(m, h, biased) for m in arch.mixers]
    of_ffn = [_ffn_tensors(f, h, biased) for f in arch.ffns]
    mixers, ffns = [of_mixer[i] for i in spread(arch.mixers)], [of_ffn[i] for i in spread(arch.ffns)]
    if len(mixers) == len(ffns) == total:
        return [one + other for one, other in zip(mixers, ffns, strict=True)]
    if len(mixers) + len(ffns) != total:
        raise QtuiError(f"{len(mixers)} mixers and {len(ffns)} feed-forward layers don't make {total} layers")
    # Stacks in which every layer is either a mixer or a feed-forward layer (Nemotron-H): spread the ffns evenly.
    for i, tensors in enumerate(ffns):
        mixers.insert((i + 1) * total // (len(ffns) + 1), tensors)
    return mixers


def ends(arch: Architecture) -> list[WeightTensor]:
    """The tensors outside the layers: embeddings, the last norm, the output head (none of its own when tied)."""
    h, vocab, width = arch.hidden_size, arch.vocab_size, arch.embedding_size or arch.hidden_size
    tensors = [matrix("token_embd", vocab, width, "embedding")]
    if arch.learned_positions:
        tensors.append(matrix("position_embd", arch.learned_positions, width, "embedding"))
    if arch.final_norm:
        tensors.append(vector("output_norm.weight", h))
        if arch.layernorm_bias:
            tensors.append(vector("output_norm.bias", h))
    if not arch.tie_word_embeddings:
        tensors.append(matrix("output", vocab, h, "output"))
        if arch.lm_head_bias:
            tensors.append(vector("output.bias", vocab, "output"))
    for name, count in arch.other_text:
        if name == "per_layer_embedding_table":
            # Its vocabulary can be smaller than the model's; then only the width of one layer's part is known.
            columns = count // vocab if count % vocab == 0 else 256
            tensors += rest("per_layer_token_embd", count, columns, "embedding")
        else:
            tensors += rest(name, count, h, "embedding" if "embedding" in name else "other")
    return tensors


def text_tensors(arch: Architecture) -> Iterator[tuple[int | None, WeightTensor]]:
    """(layer or None, tensor) for every tensor of the text model, in the order in which llama.cpp takes them."""
    for i, tensors in enumerate(layer_tensors(arch)):
        for tensor in tensors:
            yield i, tensor
    for tensor in ends(arch):
        yield None, tensor


def text_parameters(arch: Architecture) -> int:
    """Parameters of the text model."""
    return sum(tensor.size for _, tensor in text_tensors(arch))


def mtp_tensors(arch: Architecture) -> list[WeightTensor]:
    """The tensors of the multi-token-prediction module: decoder layers, projection, norms, own embeddings."""
    mtp, h = arch.mtp, arch.hidden_size
    if mtp is None:
        return []
    tensors: list[WeightTensor] = []
    for m in mtp.mixers:
        tensors += _mixer_tensors(m, h, False) * m.layers
    for f in mtp.ffns:
        tensors += _ffn_tensors(f, h, False) * f.layers
    tensors += [matrix("nextn.eh_proj", h, 2 * h, "mtp")] * mtp.modules
    tensors += [vector("nextn.norm.weight", h)] * (mtp.modules * mtp.norms)
    tensors += [matrix("nextn.embed_tokens", arch.vocab_size, h, "embedding")] * mtp.embeddings
    return tensors + rest("nextn.rest", mtp.extra, h, "mtp")


def extras(arch: Architecture) -> dict[str, int]:
    """Parameters of the checkpoint outside the text model, by name."""
    counts = {}
    if arch.duplicate_lm_head_in_checkpoint:
        counts["duplicate_lm_head"] = arch.vocab_size * arch.hidden_size
    if arch.mtp is not None:
        counts["mtp"] = sum(tensor.size for tensor in mtp_tensors(arch))
    if arch.vision is not None:
        counts["vision"] = arch.vision.parameters()
    return counts | dict(arch.other_extra)
