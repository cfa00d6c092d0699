"""Small made-up language models of every family: their config.json and weights that follow from their names."""

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qtui.compute.data import draw
from tests.support.made_files import array, gguf_bytes, safetensors_bytes, save, text

F32 = NDArray[np.float32]
VOCABULARY, TOKENS = 96, 40
_COMMON = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "rms_norm_eps": 1e-5,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "tie_word_embeddings": False,
}
_LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
_SHORT = [1.0, 1.1, 1.3, 1.6]
CONFIGS: dict[str, dict[str, Any]] = {
    "llama": {"model_type": "llama", "tie_word_embeddings": True, "rope_theta": 10000.0},
    "llama3": {
        "model_type": "llama",
        "rope_theta": 500000.0,
        "rope_scaling": {**_LLAMA3, "original_max_position_embeddings": 16},
    },
    "linear": {"model_type": "llama", "rope_scaling": {"rope_type": "linear", "factor": 4.0}, "rope_theta": 10000.0},
    "yarn": {
        "model_type": "qwen2",
        "rope_theta": 10000.0,
        "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16},
    },
    "mistral": {"model_type": "mistral", "sliding_window": 7, "head_dim": 12, "rope_theta": 10000.0},
    "qwen2": {"model_type": "qwen2", "rope_theta": 10000.0, "use_sliding_window": False},
    "qwen3": {"model_type": "qwen3", "head_dim": 16, "rope_theta": 10000.0, "use_sliding_window": False},
    "smollm3": {"model_type": "smollm3", "num_hidden_layers": 4, "rope_theta": 10000.0, "tie_word_embeddings": True},
    "gemma": {"model_type": "gemma", "head_dim": 16, "rope_theta": 10000.0, "tie_word_embeddings": True},
    "gemma2": {
        "model_type": "gemma2",
        "head_dim": 16,
        "query_pre_attn_scalar": 24,
        "sliding_window": 9,
        "attn_logit_softcapping": 5.0,
        "final_logit_softcapping": 3.0,
        "rope_theta": 10000.0,
        "tie_word_embeddings": True,
    },
    "gemma3": {
        "model_type": "gemma3_text",
        "head_dim": 16,
        "num_hidden_layers": 7,
        "query_pre_attn_scalar": 16,
        "sliding_window": 8,
        "sliding_window_pattern": 6,
        "rope_theta": 1000000.0,
        "rope_local_base_freq": 10000.0,
        "rope_scaling": {"rope_type": "linear", "factor": 8.0},
        "tie_word_embeddings": True,
    },
    "phi3": {
        "model_type": "phi3",
        "rope_theta": 10000.0,
        "original_max_position_embeddings": 48,
        "rope_scaling": {"type": "longrope", "short_factor": _SHORT, "long_factor": [2.0, 3.0, 4.0, 5.0]},
    },
    "longrope": {
        "model_type": "phi3",
        "rope_theta": 10000.0,
        "original_max_position_embeddings": 24,  # fewer than are read
        "rope_scaling": {"type": "longrope", "short_factor": _SHORT, "long_factor": [2.0, 3.0, 4.0, 5.0]},
    },
    "phi4": {"model_type": "phi3", "rope_theta": 10000.0, "partial_rotary_factor": 0.5},
}


def config(name: str) -> dict[str, Any]:
    """The config.json of a made-up model."""
    return {**_COMMON, **CONFIGS[name]}


def ids() -> NDArray[np.int64]:
    """Token ids (TOKENS,) without the three special ones."""
    return np.random.PCG64(5).random_raw(TOKENS).astype(np.uint64).astype(np.int64) % (VOCABULARY - 3) % 93 + 3


def weight(name: str, shape: tuple[int, ...]) -> F32:
    """The tensor that is called `name` in a checkpoint: norms around 1 (around 0 for those stored less one)."""
    values = draw("normal", int(np.prod(shape)), seed=zlib.crc32(name.encode()), spread=0.15).reshape(shape)
    return values + np.float32(0.5) if "norm" in name else values


def shapes(name: str) -> dict[str, tuple[int, ...]]:
    """The tensors of a made-up checkpoint."""
    c = config(name)
    hidden, ffn, kind = c["hidden_size"], c["intermediate_size"], c["model_type"]
    width = c.get("head_dim") or hidden // c["num_attention_heads"]
    queries, keys = c["num_attention_heads"] * width, c["num_key_value_heads"] * width
    results: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (VOCABULARY, hidden)}
    for i in range(c["num_hidden_layers"]):
        at = f"model.layers.{i}."
        results |= {f"{at}input_layernorm.weight": (hidden,), f"{at}post_attention_layernorm.weight": (hidden,)}
        if kind in ("gemma2", "gemma3_text"):
            results |= {f"{at}{side}_feedforward_layernorm.weight": (hidden,) for side in ("pre", "post")}
        if kind == "phi3":
            results[f"{at}self_attn.qkv_proj.weight"] = (queries + 2 * keys, hidden)
            results[f"{at}mlp.gate_up_proj.weight"] = (2 * ffn, hidden)
        else:
            for part, rows in (("q", queries), ("k", keys), ("v", keys)):
                results[f"{at}self_attn.{part}_proj.weight"] = (rows, hidden)
                if kind == "qwen2":
                    results[f"{at}self_attn.{part}_proj.bias"] = (rows,)
            results |= {f"{at}mlp.{part}_proj.weight": (ffn, hidden) for part in ("gate", "up")}
        if kind in ("qwen3", "gemma3_text"):
            results |= {f"{at}self_attn.{part}_norm.weight": (width,) for part in "qk"}
        results[f"{at}self_attn.o_proj.weight"] = (hidden, queries)
        results[f"{at}mlp.down_proj.weight"] = (hidden, ffn)
    results["model.norm.weight"] = (hidden,)
    if not c["tie_word_embeddings"]:
        results["lm_head.weight"] = (VOCABULARY, hidden)
    return results


def save_checkpoint(folder: Path, name: str) -> str:
    """The made-up model as safetensors with its config.json; the path of the weights."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "config.json").write_text(json.dumps(config(name)))
    header: dict[str, Any] = {}
    data = b""
    for tensor, shape in shapes(name).items():
        raw = weight(tensor, shape).tobytes()
        header[tensor] = {"dtype": "F32", "shape": list(shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    return save(folder / name / "model.safetensors", safetensors_bytes(header, data))


def number(key: str, value: float | bool | str) -> tuple[str, int, bytes]:
    """A scalar of a GGUF's metadata."""
    if isinstance(value, bool):
        return key, 7, bytes([value])
    if isinstance(value, int):
        return key, 4, value.to_bytes(4, "little")
    if isinstance(value, str):
        return key, 8, text(value)
    return key, 6, np.float32(value).tobytes()


def texts(key: str, values: list[str]) -> tuple[str, int, bytes]:
    """A list of texts in a GGUF's metadata."""
    return key, 9, array(8, len(values), b"".join(map(text, values)))


def numbers(key: str, values: list[int] | list[float]) -> tuple[str, int, bytes]:
    """A list of int32 or float32 in a GGUF's metadata."""
    whole = all(isinstance(value, int) for value in values)
    raw = np.array(values, "<i4" if whole else "<f4").tobytes()
    return key, 9, array(5 if whole else 6, len(values), raw)


def save_gguf(path: Path, pairs: list[tuple[str, int, bytes]], tensors: dict[str, F32]) -> str:
    """A GGUF of float32 tensors with this metadata; its path."""
    listed, data = [], b""
    for name, values in tensors.items():
        data += bytes(-len(data) % 32)
        listed.append((name, values.shape[::-1], 0, len(data)))
        data += values.astype("<f4").tobytes()
    return save(path, gguf_bytes(pairs, listed, data))
