"""The role of a tensor in its model ("attn_q"), whatever its file calls it, and what llama-quantize does with it.

The words are those of GGUF files. Names of the transformers library are translated to them, piece by piece.
"""

from __future__ import annotations

import re

from qtui.compute.formats import Format, get_format
from qtui.compute.memory import mixes
from qtui.compute.memory.tensors import WeightTensor
from qtui.models.files.model_file import Tensor

# Endings of transformers names (without ".weight" or ".bias") and what GGUF calls them; the first match counts.
_ENDINGS: tuple[tuple[str, str], ...] = (
    # attention
    (r"attn\.q_proj|attention\.self\.query|attention\.wq|attn\.q_b_proj", "attn_q"),
    (r"attn\.k_proj|attention\.self\.key|attention\.wk", "attn_k"),
    (r"attn\.v_proj|attention\.self\.value|attention\.wv", "attn_v"),
    (r"attn\.q_a_proj", "attn_q_a"),
    (r"attn\.kv_a_proj_with_mqa", "attn_kv_a_mqa"),
    (r"attn\.kv_b_proj", "attn_kv_b"),
    (r"qkv_proj|attn\.c_attn|query_key_value|attn\.Wqkv|attn\.qkv", "attn_qkv"),
    (r"attn\.(o_proj|c_proj|out_proj|dense)|attention\.(output\.dense|wo|dense|out_proj)", "attn_output"),
    (r"attn\.q_(norm|layernorm)", "attn_q_norm"),
    (r"attn\.k_(norm|layernorm)", "attn_k_norm"),
    (r"attention\.output\.LayerNorm", "attn_output_norm"),
    # feed-forward
    (r"shared_experts?\.gate_proj", "ffn_gate_shexp"),
    (r"shared_experts?\.up_proj", "ffn_up_shexp"),
    (r"shared_experts?\.down_proj", "ffn_down_shexp"),
    (r"experts(\.\d+)?\.(gate_proj|w1)", "ffn_gate_exps"),
    (r"experts(\.\d+)?\.(up_proj|w3)", "ffn_up_exps"),
    (r"experts(\.\d+)?\.(down_proj|w2)", "ffn_down_exps"),
    (r"experts\.gate_up_proj", "ffn_gate_up_exps"),
    (r"block_sparse_moe\.gate|mlp\.(gate|router)|feed_forward\.router", "ffn_gate_inp"),
    (r"shared_expert_gate", "ffn_gate_inp_shexp"),
    (r"gate_up_proj", "ffn_gate_up"),
    (r"gate_proj|feed_forward\.w1", "ffn_gate"),
    (r"up_proj|feed_forward\.w3|intermediate\.dense|mlp\.(c_fc|fc1|dense_h_to_4h)", "ffn_up"),
    (r"down_proj|feed_forward\.w2|output\.dense|mlp\.(c_proj|fc2|dense_4h_to_h)", "ffn_down"),
    # norms and ends
    (r"layers\.\d+\.input_layernorm|h\.\d+\.ln_1|attention_norm", "attn_norm"),
    (r"layers\.\d+\.post_attention_layernorm|h\.\d+\.ln_2|\d+\.ffn_norm", "ffn_norm"),
    (r"layer\.\d+\.output\.LayerNorm", "layer_output_norm"),
    (r"embeddings\.LayerNorm", "token_embd_norm"),
    (r"embed_tokens|word_embeddings|wte|tok_embeddings|embed_in", "token_embd"),
    (r"position_embeddings|wpe", "position_embd"),
    (r"token_type_embeddings", "token_types"),
    (r"lm_head|embed_out", "output"),
    (r"(^|\.)(norm|ln_f|final_layernorm|final_layer_norm)", "output_norm"),
)
_PATTERNS = tuple((re.compile(rf"({ending})$"), role) for ending, role in _ENDINGS)
_ROLES = frozenset(role for _, role in _ENDINGS)
_GGUF_LAYER = re.compile(r"^(?:[a-z]+\.)?blk\.(\d+)\.(.+)$")
_LAYER = re.compile(r"(?:^|\.)(?:layers?|h|blocks?|block)\.(\d+)\.")


def split_name(name: str) -> tuple[int | None, str, str]:
    """(layer, role, kind) of a tensor's name; the kind is "weight", "bias" or what else the name ends in.

    A name that is not known keeps its own last words as its role.
    """
    stem, _, kind = name.rpartition(".")
    if not stem or kind not in ("weight", "bias"):
        stem, kind = name, ""
    match = _GGUF_LAYER.match(stem)
    if match:
        return _number(match[1]), match[2], kind
    layered = _LAYER.search(stem)
    layer = _number(layered[1]) if layered else None
    for pattern, role in _PATTERNS:
        if pattern.search(stem):
            return layer, role, kind
    rest = stem[layered.end() :] if layered else stem
    return layer, rest, kind


def gguf_name(name: str) -> str:
    """What llama.cpp's converter calls the tensor, as far as its role is known; GGUF names stay."""
    layer, role, kind = split_name(name)
    ending = f".{kind}" if kind else ""
    return f"{role}{ending}" if layer is None else f"blk.{layer}.{role}{ending}"


def as_named(tensor: Tensor) -> WeightTensor:
    """A tensor as the rules of llama.cpp's mixes see it.

    Stacked experts have no ".weight" at the end of their name in some checkpoints; the converter adds it.
    """
    name = gguf_name(tensor.name)
    _, role, kind = split_name(tensor.name)
    if not kind and len(tensor.shape) > 1 and role in _ROLES:
        name += ".weight"
    return WeightTensor(name, tensor.shape, "other")


def left_alone(tensor: Tensor) -> bool:
    """Whether llama-quantize leaves the tensor as it is. Beyond the rules of the mixes: BERT's token types."""
    named = as_named(tensor)
    return mixes.stays_float32(named) or named.name == "token_types.weight"


def stand_in(fmt: Format, tensor: Tensor) -> Format:
    """The type that llama-quantize stores the tensor in when asked for `fmt`: another where rows don't divide."""
    columns = tensor.shape[-1] if tensor.shape else 1
    if not fmt.whole_blocks or columns % fmt.block_size == 0 or left_alone(tensor):
        return fmt
    return get_format(mixes.fitting(fmt.name, columns))


def _number(digits: str) -> int | None:
    return int(digits) if len(digits) < 7 else None
