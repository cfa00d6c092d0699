"""Older families' words for what most configs say: OPT's `ffn_dim` is `intermediate_size`, and so on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DECODER = {
    "hidden_size": "d_model",
    "num_hidden_layers": "decoder_layers",
    "num_attention_heads": "decoder_attention_heads",
    "intermediate_size": "decoder_ffn_dim",
}
_GPT2 = {
    "hidden_size": "n_embd",
    "num_hidden_layers": "n_layer",
    "num_attention_heads": "n_head",
    "intermediate_size": "n_inner",
    "max_position_embeddings": "n_positions",
}
_T5 = {"hidden_size": "d_model", "num_attention_heads": "num_heads", "intermediate_size": "d_ff", "head_dim": "d_kv"}
# Our word: the family's, by family. Only what the family's own words leave open is filled in.
_WORDS: dict[str, dict[str, str]] = {
    **dict.fromkeys(
        (
            *("bart", "blenderbot", "blenderbot_small", "marian", "mbart", "mvp", "pegasus", "plbart", "trocr"),
            "bigbird_pegasus",
        ),
        _DECODER,
    ),
    "whisper": {**_DECODER, "max_position_embeddings": "max_target_positions"},
    **dict.fromkeys(("codegen", "gpt2", "gpt_bigcode", "gptj", "nomic_bert", "nomic_bert_moe", "openai_gpt"), _GPT2),
    "bloom": {"hidden_size": "n_embed", "num_hidden_layers": "n_layer", "num_attention_heads": "n_head"},
    "ctrl": {**_GPT2, "intermediate_size": "dff"},
    "distilbert": {
        "hidden_size": "dim",
        "num_hidden_layers": "n_layers",
        "num_attention_heads": "n_heads",
        "intermediate_size": "hidden_dim",
    },
    "falcon": {
        "hidden_size": "n_embed",
        "num_hidden_layers": "n_layer",
        "num_attention_heads": "n_head",
        "num_key_value_heads": "num_kv_heads",
        "intermediate_size": "ffn_hidden_size",
    },
    "gpt_neo": {
        "num_hidden_layers": "num_layers",
        "num_attention_heads": "num_heads",
        "sliding_window": "window_size",
    },
    "longcat_flash": {"num_hidden_layers": "num_layers", "intermediate_size": "ffn_hidden_size"},
    "modernbert": {"sliding_window": "local_attention"},
    "moshi": {"intermediate_size": "ffn_dim"},
    "mpt": {
        "hidden_size": "d_model",
        "num_hidden_layers": "n_layers",
        "num_attention_heads": "n_heads",
        "max_position_embeddings": "max_seq_len",
    },
    "opt": {"intermediate_size": "ffn_dim"},
    **{
        f"{name}{gates}{alone}": {**_T5, "num_hidden_layers": "num_layers" if alone else "num_decoder_layers"}
        for name in ("t5", "umt5")
        for gates in ("", "_gated")
        for alone in ("", "_encoder")
    },
    "xglm": {
        "hidden_size": "d_model",
        "num_hidden_layers": "num_layers",
        "num_attention_heads": "attention_heads",
        "intermediate_size": "ffn_dim",
    },
}
_FOUR_TIMES = frozenset(
    ("bloom", "codegen", "falcon", "gpt2", "gpt_bigcode", "gpt_neo", "gptj", "openai_gpt", "gpt_neox_japanese")
)


def with_usual_words(values: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """`values` of a config of the family `kind`, with the words that other families use beside its own."""
    usual = dict(values)
    for ours, theirs in _WORDS.get(kind, {}).items():
        if usual.get(ours) is None and usual.get(theirs) is not None:
            usual[ours] = usual[theirs]
    hidden = usual.get("hidden_size")
    if type(hidden) is int and usual.get("intermediate_size") is None:
        if kind in _FOUR_TIMES:
            usual["intermediate_size"] = 4 * hidden
        elif kind == "mpt" and type(usual.get("expansion_ratio", 4)) is int:
            usual["intermediate_size"] = hidden * usual.get("expansion_ratio", 4)
    if kind == "falcon" and not usual.get("new_decoder_architecture") and usual.get("multi_query", True):
        usual["num_key_value_heads"] = 1
    if kind == "gpt_bigcode":
        usual["num_key_value_heads"] = 1 if usual.get("multi_query", True) else None
    if kind == "moshi" and type(usual.get("intermediate_size")) is int:
        usual["intermediate_size"] //= 2  # gate and up together
    return usual
