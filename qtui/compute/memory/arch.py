"""A language model's architecture: groups of equal layers, and the tensors that follow from them.

An architecture is a dict of plain values, as the catalogue stores it and as it is made from a `config.json` or a GGUF
header: hidden_size, num_layers, vocab_size, tie_word_embeddings, `mixers` and `ffns` (lists of groups, see
`mixers.py` and `ffns.py`), and where a model has them norm ("layernorm_bias"), learned_positions, lm_head_bias,
fused_qkv, other_text (parameters of which only the number is known, by name), and outside the text model mtp, vision,
other_extra, duplicate_lm_head_in_checkpoint. Each group's `layers` says how many layers use it and
`norms` (default 1) how many norm vectors of the hidden size belong to that half of a layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qtui.compute.memory.ffns import ffn_tensors
from qtui.compute.memory.mixers import mixer_tensors
from qtui.compute.memory.tensors import Tensor, matrix, rest, vector
from qtui.compute.memory.towers import tower_parameters

Record = Mapping[str, Any]
MIXER_NORMS = ("attn_norm", "post_attention_norm")
FFN_NORMS = ("ffn_norm", "post_ffw_norm")


class Layer:
    """One layer: the groups it is made of (either may be None) and its tensors, named without "blk.N."."""

    __slots__ = ("ffn", "mixer", "tensors")

    def __init__(self, mixer: Record | None, ffn: Record | None, tensors: tuple[Tensor, ...]) -> None:
        self.mixer = mixer
        self.ffn = ffn
        self.tensors = tensors


def spread(groups: Sequence[Record]) -> list[Record]:
    """The groups of all layers in order.

    Two interleaved groups put the rarer one last in each period, as published models do; a leading group of dense
    layers comes first; more groups follow one another.
    """
    if len(groups) == 2:
        few, many = sorted(groups, key=lambda group: group["layers"])
        few = groups[1] if groups[0]["layers"] == groups[1]["layers"] else few
        many = groups[0] if few is groups[1] else groups[1]
        total = few["layers"] + many["layers"]
        leading = groups[0]["kind"] == "dense" and groups[0] is few
        if not leading and few["layers"]:
            period = total // few["layers"]
            order = [many] * total
            for i in range(few["layers"]):
                order[(i + 1) * period - 1] = few
            return order
    return [group for group in groups for _ in range(group["layers"])]


def _norms(group: Record, names: tuple[str, str], h: int, biased: bool) -> list[Tensor]:
    count = group.get("norms", 1)
    labels = [names[i] if i < len(names) else f"{names[1]}_{i}" for i in range(count)]
    found = [vector(f"{label}.weight", h) for label in labels]
    return found + ([vector(f"{label}.bias", h) for label in labels] if biased else [])


def layers(arch: Record) -> list[Layer]:
    """Every layer of the text model, in order. Raises ValueError when the groups don't cover num_layers."""
    h, total = arch["hidden_size"], arch["num_layers"]
    biased = arch.get("norm") == "layernorm_bias"
    fused = {"fused_qkv": True} if arch.get("fused_qkv") else {}
    fused_up = {"fused_up": True} if arch.get("fused_qkv") and arch["ffns"][0].get("gated", True) else {}
    made: dict[int, tuple[Tensor, ...]] = {}
    for group in arch["mixers"]:
        made[id(group)] = tuple(_norms(group, MIXER_NORMS, h, biased) + mixer_tensors({**group, **fused}, h))
    for group in arch["ffns"]:
        extended = {**group, **fused_up} if group["kind"] == "dense" else group
        made[id(group)] = tuple(_norms(group, FFN_NORMS, h, biased) + ffn_tensors(extended, h))
    mixers, ffns = spread(arch["mixers"]), spread(arch["ffns"])
    if len(mixers) == len(ffns) == total:
        return [Layer(m, f, made[id(m)] + made[id(f)]) for m, f in zip(mixers, ffns, strict=True)]
    if len(mixers) + len(ffns) != total:
        raise ValueError(f"{len(mixers)} mixers and {len(ffns)} feed-forward layers don't make {total} layers")
    # Stacks in which every layer is either a mixer or a feed-forward layer (Nemotron-H): spread the ffns evenly.
    alone = [Layer(m, None, made[id(m)]) for m in mixers]
    for i, f in enumerate(ffns):
        alone.insert((i + 1) * total // (len(ffns) + 1), Layer(None, f, made[id(f)]))
    return alone


def ends(arch: Record) -> list[Tensor]:
    """The tensors outside the layers: embeddings, the last norm, the output head (none of its own when tied)."""
    h, vocab = arch["hidden_size"], arch["vocab_size"]
    found = [matrix("token_embd", vocab, h, "embedding")]
    if arch.get("learned_positions"):
        found.append(matrix("position_embd", arch["learned_positions"], h, "embedding"))
    found.append(vector("output_norm.weight", h))
    if arch.get("norm") == "layernorm_bias":
        found.append(vector("output_norm.bias", h))
    if not arch["tie_word_embeddings"]:
        found.append(matrix("output", vocab, h, "output"))
        if arch.get("lm_head_bias"):
            found.append(vector("output.bias", vocab, "output"))
    for name, count in (arch.get("other_text") or {}).items():
        if name == "per_layer_embedding_table":
            found.append(matrix("per_layer_token_embd", vocab, count // vocab, "embedding"))
        else:
            found += rest(name, count, h, "embedding" if "embedding" in name else "other")
    return found


def text_tensors(arch: Record) -> Iterator[tuple[int | None, Tensor]]:
    """(layer or None, tensor) for every tensor of the text model, in the order in which llama.cpp takes them."""
    for i, layer in enumerate(layers(arch)):
        for tensor in layer.tensors:
            yield i, tensor
    for tensor in ends(arch):
        yield None, tensor


def text_parameters(arch: Record) -> int:
    """Parameters of the text model."""
    return sum(tensor.size for _, tensor in text_tensors(arch))


def mtp_tensors(arch: Record) -> list[Tensor]:
    """The tensors of the multi-token-prediction module: decoder layers, projection, norms, own embeddings."""
    mtp = arch.get("mtp")
    if not mtp:
        return []
    h = arch["hidden_size"]
    found: list[Tensor] = []
    for key, names, make in (("mixers", MIXER_NORMS, mixer_tensors), ("ffns", FFN_NORMS, ffn_tensors)):
        for group in mtp.get(key, ()):
            found += (_norms(group, names, h, False) + make(group, h)) * group["layers"]
    modules = mtp.get("modules", 1)
    found += [matrix("nextn.eh_proj", h, mtp.get("proj_in_multiple", 2) * h, "mtp")] * modules
    found += [vector("nextn.norm.weight", h)] * (modules * mtp.get("norms", 0))
    found += [matrix("nextn.embed_tokens", arch["vocab_size"], h, "embedding")] * mtp.get("embeddings", 0)
    return found + rest("nextn.rest", mtp.get("extra", 0), h, "mtp")


def extras(arch: Record) -> dict[str, int]:
    """Parameters of the checkpoint outside the text model, by name."""
    found = {}
    if arch.get("duplicate_lm_head_in_checkpoint"):
        found["duplicate_lm_head"] = arch["vocab_size"] * arch["hidden_size"]
    if arch.get("mtp"):
        found["mtp"] = sum(tensor.size for tensor in mtp_tensors(arch))
    if arch.get("vision"):
        found["vision"] = tower_parameters(arch["vision"])
    return found | dict(arch.get("other_extra") or {})


def active_fraction(tensor: Tensor, experts_per_token: int) -> int:
    """Parameters of `tensor` that one token reads: of stacked experts only those chosen."""
    if tensor.part == "experts" and len(tensor.shape) >= 2:
        return tensor.size // tensor.shape[0] * min(experts_per_token, tensor.shape[0])
    return tensor.size


def active_parameters(arch: Record) -> int:
    """Parameters that one token reads: chosen experts, and the embedding table only where it is also the head."""
    total = 0
    for layer in layers(arch):
        chosen = layer.ffn["experts_per_token"] if layer.ffn and layer.ffn["kind"] == "moe" else 0
        total += sum(active_fraction(tensor, chosen) for tensor in layer.tensors)
    h = arch["hidden_size"]
    return total + h * (2 if arch.get("norm") == "layernorm_bias" else 1) + arch["vocab_size"] * h
