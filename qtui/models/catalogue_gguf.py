"""From a GGUF header to what is known of its model: the file's own tensors, and the architecture that they run as.

Weights come from the tensors alone, so a file of an unknown architecture is weighed exactly too; the cache needs the
metadata (keys of gguf.md and llama.cpp's src/llama-arch.cpp), checked against the shapes where both say something.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from qtui.compute.memory.tensors import Tensor
from qtui.compute.memory.weights import Stored
from qtui.models.files import ModelFile
from qtui.models.gguf_metadata import LazyArray

_BLOCK = re.compile(r"^blk\.(\d{1,6})\.(.+)$")
# Sliding windows: how many layers one period has where the file doesn't list them (llama.cpp's src/models/*.cpp), and
# whether the full layer comes first. Architectures that aren't here run without a window whatever the file says.
_PERIODS = {
    "afmoe": 4,
    "cohere2": 4,
    "cohere2moe": -4,
    "exaone-moe": 4,
    "exaone4": 4,
    "gemma2": 2,
    "gemma3": 6,
    "gemma3n": 5,
    "gpt-oss": 2,
    "laguna": -4,
    "llama4": 4,
    "mellum": 4,
    "olmo2": 4,
    "plamo3": 8,
    "smallthinker": -4,
}
_LISTED = frozenset(("gemma4", "mimo2", "step35", "lfm2", "lfm2moe", "dots3note", "maple", "granite-swa"))


def part_of(name: str) -> str:
    """The part of the model that a tensor of a GGUF file belongs to."""
    if name.startswith(("token_embd", "per_layer_token_embd", "position_embd", "token_types")):
        return "embedding"
    if name.startswith("output."):
        return "output"
    if name.startswith(("v.", "mm.", "a.", "resampler", "vision")):
        return "vision"
    if "nextn" in name or name.startswith("mtp"):
        return "mtp"
    if "_norm" in name:
        return "norms"
    if "_exps" in name:
        return "experts"
    if "_shexp" in name and "inp" not in name:
        return "shared"
    if "ffn_gate_inp" in name or "exp_probs" in name:
        return "router"
    if name.startswith("ffn_"):
        return "ffn"
    return "attention" if name.startswith(("attn", "ssm", "shortconv", "indexer", "time_mix")) else "other"


def stored_tensors(file: ModelFile, layers: int | None) -> tuple[Stored, ...]:
    """The file's tensors in the order in which llama.cpp takes them: by layer, then by name.

    Layers from `layers` on hold the multi-token-prediction module.
    """
    found = []
    for tensor in file.tensors:
        match = _BLOCK.match(tensor.name)
        layer, name = (int(match[1]), match[2]) if match else (None, tensor.name)
        part = "mtp" if layer is not None and layers is not None and layer >= layers else part_of(name)
        found.append(Stored(layer, Tensor(name, tensor.shape, part), tensor.dtype, tensor.nbytes))
    return tuple(sorted(found, key=lambda item: (1 << 30 if item.layer is None else item.layer, item.tensor.name)))


class Header:
    """The metadata of one GGUF file, by keys without the architecture's prefix."""

    def __init__(self, file: ModelFile) -> None:
        self.metadata: Mapping[str, Any] = file.metadata
        self.architecture = str(file.metadata.get("general.architecture", ""))

    def get(self, key: str) -> Any:
        """The value of `{architecture}.key`, or None."""
        return self.metadata.get(f"{self.architecture}.{key}")

    def whole(self, key: str, default: int = 0) -> int:
        """A whole number; of an array its largest. `default` where it is absent or no number."""
        values = self.listed(key, 1 << 12)
        return max(values) if values else default

    def listed(self, key: str, count: int) -> list[int]:
        """`count` values: an array's own, or one number repeated; empty where there is none."""
        value = self.get(key)
        if isinstance(value, LazyArray):
            return [int(item) for item in value.first(min(len(value), count)) if isinstance(item, (int, float))]
        if isinstance(value, (list, tuple)):
            return [int(item) for item in value[:count] if isinstance(item, (int, float))]
        return [int(value)] * count if isinstance(value, (int, float)) else []


def architecture(file: ModelFile, stored: Iterable[Stored]) -> dict[str, Any] | None:
    """The architecture of `file`, or None where its header says too little (no layers, no width)."""
    header = Header(file)
    total, hidden = header.whole("block_count"), header.whole("embedding_length")
    layers = total - header.whole("nextn_predict_layers")
    if not 0 < layers < 1 << 16 or not 0 < hidden < 1 << 24:
        return None
    shapes: list[dict[str, tuple[int, ...]]] = [{} for _ in range(layers)]
    vocab, tied = header.whole("vocab_size"), True
    for item in stored:
        if item.layer is not None and item.layer < layers:
            shapes[item.layer][item.tensor.name] = item.tensor.shape
        elif item.tensor.name == "token_embd.weight":
            vocab = item.tensor.shape[0]
        elif item.tensor.name == "output.weight":
            tied = False
    mixers = _grouped(_mixer(header, i, layers, shapes[i]) for i in range(layers))
    ffns = _grouped(_ffn(header, shapes[i]) for i in range(layers))
    return {
        "hidden_size": hidden,
        "num_layers": layers,
        "vocab_size": vocab,
        "tie_word_embeddings": tied,
        "mixers": mixers,
        "ffns": ffns,
    }


def _grouped(found: Iterable[dict[str, Any] | None]) -> list[dict[str, Any]]:
    """Equal layers put together, with how many they are; None counts for nothing."""
    groups: list[dict[str, Any]] = []
    for one in found:
        if one is None:
            continue
        for group in groups:
            if all(group[key] == value for key, value in one.items()) and len(group) == len(one) + 1:
                group["layers"] += 1
                break
        else:
            groups.append({**one, "layers": 1})
    return groups


def _mixer(header: Header, i: int, layers: int, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any] | None:
    """What layer `i` keeps for later tokens, by the tensors that it has."""
    if "shortconv.conv.weight" in shapes:
        return {"kind": "short_conv", "conv_kernel": shapes["shortconv.conv.weight"][-1]}
    if "attn_compressor_kv.weight" in shapes or header.architecture == "deepseek4":
        return None
    if "ssm_conv1d_q.weight" in shapes:
        dim = header.whole("kda.head_dim") or header.whole("attention.key_length", 128)
        rows = shapes["ssm_conv1d_q.weight"][0]
        return {
            "kind": "kda",
            "heads": rows // dim,
            "head_dim": dim,
            "conv_kernel": header.whole("ssm.conv_kernel", 4),
        }
    if "ssm_conv1d.weight" in shapes:
        return _recurrent(header, shapes["ssm_conv1d.weight"])
    if "attn_kv_a_mqa.weight" in shapes and "attn_k_b.weight" in shapes:
        rank = header.whole("attention.kv_lora_rank", 512)
        rope = shapes["attn_kv_a_mqa.weight"][0] - rank
        heads = header.whole("attention.head_count", 1)
        found = {"kind": "mla", "heads": heads, "kv_lora_rank": rank, "qk_rope_head_dim": rope}
        found |= {"qk_nope_head_dim": shapes["attn_k_b.weight"][-1], "v_head_dim": shapes["attn_k_b.weight"][-1]}
        index = shapes.get("indexer.attn_k.weight")
        return found | ({"indexer": {"heads": 1, "head_dim": index[0]}} if index else {})
    return _attention(header, i, layers, shapes)


def _recurrent(header: Header, conv: tuple[int, ...]) -> dict[str, Any]:
    """Mamba and Gated DeltaNet keep (kernel - 1) columns of the convolution and a state of inner × state size."""
    inner, state = header.whole("ssm.inner_size"), header.whole("ssm.state_size")
    groups = header.whole("ssm.group_count")
    if header.whole("full_attention_interval") or header.architecture.startswith("qwen3"):
        heads = header.whole("ssm.time_step_rank") or inner // max(1, state)
        dims = {"v_heads": heads, "v_head_dim": inner // max(1, heads), "k_heads": groups, "k_head_dim": state}
        return {"kind": "gated_deltanet", **dims, "conv_kernel": conv[-1]}
    return {
        "kind": "mamba2",
        "heads": 1,
        "head_dim": inner,
        "groups": groups,
        "state": state,
        "conv_kernel": conv[-1],
    }


def _attention(header: Header, i: int, layers: int, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any] | None:
    """An attention layer: its keys' and values' width from the tensors where they are apart, else from the header."""
    heads = (header.listed("attention.head_count", layers) or [0] * layers)[i:][:1]
    kv = (header.listed("attention.head_count_kv", layers) or heads * layers)[i:][:1]
    if not heads or not heads[0] or not kv or not kv[0]:
        return None
    hidden = header.whole("embedding_length")
    windowed = _windowed(header, i, layers)
    dim = header.whole("attention.key_length") or hidden // heads[0]
    v_dim = header.whole("attention.value_length") or hidden // heads[0]
    if windowed and header.get("attention.key_length_swa"):
        dim, v_dim = header.whole("attention.key_length_swa"), header.whole("attention.value_length_swa", v_dim)
    if "attn_kv_b.weight" in shapes:
        # A DeepSeek file from before the latent cache: every head's keys and values are kept.
        kv = heads
    elif "attn_k.weight" in shapes:
        dim = shapes["attn_k.weight"][0] // kv[0]
        v_dim = shapes.get("attn_v.weight", shapes["attn_k.weight"])[0] // kv[0]
    shared = header.whole("attention.shared_kv_layers")
    found: dict[str, Any] = {"kind": "attention", "heads": heads[0], "kv_heads": kv[0], "head_dim": dim}
    found |= {"v_head_dim": v_dim} if v_dim != dim else {}
    found |= {"window": header.whole("attention.sliding_window")} if windowed else {}
    return found | ({"kv_shared": True} if i >= layers - shared else {})


def _windowed(header: Header, i: int, layers: int) -> bool:
    """Whether layer `i` looks back only over the sliding window."""
    if not header.whole("attention.sliding_window"):
        return False
    name = header.architecture
    if name not in _PERIODS and name not in _LISTED:
        return False
    pattern = header.get("attention.sliding_window_pattern")
    if isinstance(pattern, (LazyArray, list, tuple)):
        return bool((header.listed("attention.sliding_window_pattern", layers) or [0] * layers)[i])
    period = int(pattern) if isinstance(pattern, int) and pattern > 1 else _PERIODS.get(name, 0)
    if period < 0:
        return i % -period != 0
    return bool(period) and i % period < period - 1


def _ffn(header: Header, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any] | None:
    """The feed-forward half of a layer, by its tensors."""
    experts = shapes.get("ffn_down_exps.weight")
    if experts and len(experts) == 3:
        found = {"kind": "moe", "experts": experts[0], "moe_intermediate": experts[-1]}
        found["experts_per_token"] = header.whole("expert_used_count", 1)
        shared = shapes.get("ffn_down_shexp.weight")
        return found | ({"shared_intermediate": shared[-1]} if shared else {})
    down = shapes.get("ffn_down.weight")
    return {"kind": "dense", "intermediate": down[-1]} if down else None
