"""Parameters that belong to a family's layers, or to the model, but to no matrix that the arithmetic knows."""

from __future__ import annotations

from qtui.compute.memory.architecture import Counts
from qtui.models.architecture import ConfigFields
from qtui.models.config.encoders import encoder_extras
from qtui.models.config.families import family


def attention_extra(f: ConfigFields, kind: str, heads: int, groups: int, width: int) -> int:
    """Parameters of a layer's attention beside its projections, biases and norms.

    `heads` of `width` query `groups` of keys and values.
    """
    hidden = f.positive("hidden_size", "n_embd", "d_model")
    if kind.startswith(("t5", "umt5")):
        return 4 * hidden * heads * width + hidden if family(kind).cross else 0
    if family(kind).cross:  # attention to the encoder's output, and its norm
        biases = {"bigbird_pegasus": 0, "whisper": 2}.get(kind, 4)
        return 4 * hidden * hidden + biases * hidden + hidden * (2 + (kind == "whisper"))
    if kind == "bitnet":
        return heads * width
    if kind == "diffllama":
        return 4 * width
    if kind == "doge":
        return groups + groups * groups * width
    if kind == "persimmon" and f.flag("qk_layernorm", True):
        return 2 * width  # the biases of both norms
    return 0


def ffn_extra(f: ConfigFields, kind: str) -> int:
    """Parameters of a layer's feed-forward half beside its matrices and norms."""
    hidden, own = f.positive("hidden_size", "n_embd", "d_model"), f.count("hidden_size_per_layer_input", default=0)
    if kind in ("gemma4", "gemma4_unified"):
        return 1 + (2 * hidden * own + hidden if own else 0)
    if kind == "gemma3n":
        inputs, rank = f.positive("altup_num_inputs", default=4), f.positive("laurel_rank", default=64)
        altup = inputs**2 + inputs**3 + inputs * hidden + 2 * hidden
        return altup + 2 * rank * hidden + hidden + 2 * own * hidden + hidden
    if kind.startswith("apertus"):
        return 2
    if kind == "bitnet":
        return f.positive("intermediate_size")
    if kind == "doge":
        return 2 * hidden
    if f.has("hc_mult"):
        return hyper_connection(f)
    return 2 * hidden if f.has("attn_res_block_size") else 0


def hyper_connection(f: ConfigFields) -> int:
    """Parameters of DeepSeek-V4's hyper-connections, on top of each half of a layer."""
    copies = f.count("hc_mult", default=0)
    mixed = copies * copies + 2 * copies
    return copies * f.positive("hidden_size") * mixed + mixed + 3 if copies else 0


def text_extras(f: ConfigFields, whole: ConfigFields, kind: str, layers: int) -> Counts:
    """Parameters of the text model, outside its layers, of which only the number matters."""
    hidden = f.positive("hidden_size", "n_embd", "d_model")
    if f.has("attn_res_block_size"):
        return (("output_attention_residual", 2 * hidden),)
    copies = f.count("hc_mult", default=0)
    if copies:
        hashed = f.count("num_hash_layers", default=(f.items("mlp_layer_types", str) or []).count("hash_moe"))
        tables = hashed * f.positive("vocab_size") * f.positive("num_experts_per_tok")
        head = copies * hidden * copies + copies + 1
        return (("hyper_connection_head", head), ("hash_router_token_tables", tables))
    own = f.count("hidden_size_per_layer_input", default=0)
    if own and kind in ("gemma3n", "gemma4", "gemma4_unified"):
        table = f.positive("vocab_size_per_layer_input", default=f.positive("vocab_size")) * layers * own
        inputs = f.positive("altup_num_inputs", default=4) if kind == "gemma3n" else 1
        projections = (("altup_projections", 2 * (inputs - 1) * hidden * hidden),) if inputs > 1 else ()
        return (
            ("per_layer_embedding_table", table),
            ("per_layer_projection", hidden * layers * own + own),
            *projections,
        )
    if kind in ("bloom", "mbart"):
        return (("embedding_norm", 2 * hidden),)
    if kind == "modernbert_decoder":
        return (("head", hidden * hidden + hidden), ("head_bias", f.positive("vocab_size")))
    if kind == "ctrl":
        return (("head_bias", f.positive("vocab_size")),)
    if kind == "bigbird_pegasus":
        return (("output_head", hidden * f.positive("vocab_size")),)
    if kind == "mllama":  # special tokens for images
        return (("image_tokens", 8 * hidden),)
    if kind == "moshi":
        return (("padding_embedding", hidden),)
    if kind == "gpt_neox_japanese":
        return (("last_bias", hidden),)
    return encoder_extras(f, whole, kind, layers)
