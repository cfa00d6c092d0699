"""config.json of many families, against the catalogue's architectures; and configs that lie."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from qtui.compute.memory.architecture import extras, text_parameters
from qtui.compute.memory.estimate import kv_terms, state_terms
from qtui.compute.memory.mixers.attention import Attention
from qtui.compute.memory.serving import Serving
from qtui.models.catalogue.records import Catalogue, CatalogueModel
from qtui.models.config.reader import architecture_of, read_config
from qtui.models.files.source import ModelFileError

PERIOD4 = ["sliding_attention"] * 3 + ["full_attention"]


def base(
    kind: str, layers: int, hidden: int, heads: int, groups: int, width: int, vocab: int, **more: Any
) -> dict[str, Any]:
    results = {
        "model_type": kind,
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "num_key_value_heads": groups,
        "intermediate_size": width,
        "vocab_size": vocab,
    }
    return results | more


# What decides sizes in the published config.json of each model.
CONFIGS: dict[str, dict[str, Any]] = {
    "meta-llama/Llama-3.2-1B-Instruct": base(
        "llama", 16, 2048, 32, 8, 8192, 128256, head_dim=64, tie_word_embeddings=True
    ),
    "Qwen/Qwen2.5-7B-Instruct": base(
        "qwen2", 28, 3584, 28, 4, 18944, 152064, sliding_window=131072, use_sliding_window=False, max_window_layers=28
    ),
    "mistralai/Mistral-7B-v0.1": base("mistral", 32, 4096, 32, 8, 14336, 32000, sliding_window=4096),
    "google/gemma-2-9b-it": base("gemma2", 42, 3584, 16, 8, 14336, 256000, head_dim=256, sliding_window=4096),
    "google/gemma-3-27b-it": {
        "model_type": "gemma3",
        "vision_config": {
            "model_type": "siglip_vision_model",
            "hidden_size": 1152,
            "image_size": 896,
            "intermediate_size": 4304,
            "num_hidden_layers": 27,
            "patch_size": 14,
            "vision_use_head": False,
        },
        "text_config": {
            "model_type": "gemma3_text",
            "head_dim": 128,
            "hidden_size": 5376,
            "intermediate_size": 21504,
            "num_attention_heads": 32,
            "num_hidden_layers": 62,
            "num_key_value_heads": 16,
            "sliding_window": 1024,
        },
    },
    "microsoft/Phi-3-mini-4k-instruct": base("phi3", 32, 3072, 32, 32, 8192, 32064, sliding_window=2047),
    "microsoft/Phi-3.5-MoE-instruct": base(
        "phimoe", 32, 4096, 32, 8, 6400, 32064, num_local_experts=16, num_experts_per_tok=2, attention_bias=True,
        lm_head_bias=True, tie_word_embeddings=False,
    ),
    "openai-community/gpt2": {
        "model_type": "gpt2", "n_layer": 12, "n_embd": 768, "n_head": 12, "vocab_size": 50257, "n_positions": 1024,
    },
    "allenai/Olmo-3-7B-Instruct": base(
        "olmo3", 32, 4096, 32, 32, 11008, 100278, layer_types=PERIOD4 * 8, sliding_window=4096
    ),
    "CohereLabs/c4ai-command-r7b-12-2024": base(
        "cohere2", 32, 4096, 32, 8, 14336, 256000, sliding_window=4096, sliding_window_pattern=4
    ),
    "ibm-granite/granite-4.0-h-tiny": base(
        "granitemoehybrid", 40, 1536, 12, 4, 512, 100352, tie_word_embeddings=True, num_local_experts=64,
        num_experts_per_tok=6, shared_intermediate_size=1024, mamba_n_heads=48, mamba_d_head=64, mamba_n_groups=1,
        mamba_d_state=128, mamba_d_conv=4, mamba_conv_bias=True, mamba_proj_bias=False,
        layer_types=(["mamba"] * 9 + ["attention"]) * 4,
    ),
    "LiquidAI/LFM2-350M": base(
        "lfm2", 16, 1024, 16, 8, 6656, 65536, block_ff_dim=6656, block_multiple_of=256, block_ffn_dim_multiplier=1.0,
        block_auto_adjust_ff_dim=True, conv_L_cache=3, tie_word_embeddings=True,
        layer_types=["conv"] * 10 + ["full_attention"] * 6,
    ),
    "zai-org/GLM-4.5": base(
        "glm4_moe", 92, 5120, 96, 8, 12288, 151552, head_dim=128, attention_bias=True, use_qk_norm=True,
        n_routed_experts=160, n_shared_experts=1, num_experts_per_tok=8, moe_intermediate_size=1536,
        first_k_dense_replace=3, num_nextn_predict_layers=1, tie_word_embeddings=False,
    ),
    "ByteDance-Seed/Seed-OSS-36B-Instruct": base(
        "seed_oss", 64, 5120, 80, 8, 27648, 155136, head_dim=128, attention_bias=True, attention_out_bias=False
    ),
    "deepseek-ai/DeepSeek-V2-Lite-Chat": base(
        "deepseek_v2", 27, 2048, 16, 16, 10944, 102400, q_lora_rank=None, kv_lora_rank=512, qk_nope_head_dim=128,
        qk_rope_head_dim=64, v_head_dim=128, n_routed_experts=64, n_shared_experts=2, num_experts_per_tok=6,
        moe_intermediate_size=1408, first_k_dense_replace=1, moe_layer_freq=1,
    ),
    "Qwen/Qwen3-Coder-Next": base(
        "qwen3_next", 48, 2048, 16, 2, 5120, 151936, head_dim=256, full_attention_interval=4, linear_num_key_heads=16,
        linear_num_value_heads=32, linear_key_head_dim=128, linear_value_head_dim=128, linear_conv_kernel_dim=4,
        num_experts=512, num_experts_per_tok=10, moe_intermediate_size=512, shared_expert_intermediate_size=512,
        decoder_sparse_step=1, mlp_only_layers=[], tie_word_embeddings=False,
    ),
    "tencent/Hunyuan-A13B-Instruct": base(
        "hunyuan_v1_moe", 32, 4096, 32, 8, 3072, 128167, head_dim=128, num_experts=64, num_shared_expert=[1] * 32,
        moe_topk=[8] * 32, moe_intermediate_size=[3072] * 32, use_qk_norm=True, tie_word_embeddings=True,
    ),
}  # fmt: skip


def check(arch: Any, record: CatalogueModel) -> None:
    truth = record.arch
    serving = Serving(32768)
    assert text_parameters(arch) == text_parameters(truth)
    for terms in (kv_terms, state_terms):
        assert sum(t.bytes for t in terms(arch, serving)) == sum(t.bytes for t in terms(truth, serving))


def as_saved_by_transformers_5() -> dict[str, dict[str, Any]]:
    """Published models as transformers 5 saves their configs, by their names in the catalogue."""
    gemma = ["full_attention" if (i + 1) % 6 == 0 else "sliding_attention" for i in range(60)]
    granite = ["full_attention" if i in (5, 15, 25, 35) else "linear_attention" for i in range(40)]
    return {
        "google/gemma-4-31B-it": base(
            "gemma4_text", 60, 5376, 32, 16, 21504, 262144, head_dim=256, layer_types=gemma, sliding_window=1024,
            attention_k_eq_v=True, tie_word_embeddings=True, enable_moe_block=False, hidden_size_per_layer_input=0,
            per_layer_config={f"{i:02}": {"head_dim": 512, "num_key_value_heads": 4} for i in range(5, 60, 6)},
        ),
        "ibm-granite/granite-4.0-h-small": base(
            "granitemoehybrid", 40, 4096, 32, 8, 768, 100352, layer_types=granite, mamba_n_heads=128, mamba_d_head=64,
            mamba_d_state=128, mamba_d_conv=4, mamba_n_groups=1, mamba_conv_bias=True, num_local_experts=72,
            num_experts_per_tok=10, shared_intermediate_size=1536, tie_word_embeddings=True,
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", as_saved_by_transformers_5())
def test_configs_as_transformers_5_saves_them(name: str) -> None:
    check(architecture_of(as_saved_by_transformers_5()[name], "config.json").arch, Catalogue().record(name))


def test_the_first_lfm2_lists_its_attention_layers() -> None:
    config = {"model_type": "lfm2", "hidden_size": 2048, "num_hidden_layers": 16, "vocab_size": 65536}
    config |= {"full_attn_idxs": [2, 5, 8, 10, 12, 14], "block_ff_dim": 12288, "block_multiple_of": 256}
    config |= {"block_ffn_dim_multiplier": 1.0, "block_auto_adjust_ff_dim": True, "conv_L_cache": 3}
    config |= {"num_attention_heads": 32, "num_key_value_heads": 8}
    arch = architecture_of(config, "config.json").arch
    assert text_parameters(arch) == 1_170_340_608
    assert sum(term.bytes for term in kv_terms(arch, Serving(131072))) == 6 * 131072 * 2 * 8 * 64 * 2


def test_an_audio_tower_is_not_passed_over_in_silence() -> None:
    config = base("qwen3", 2, 64, 4, 2, 128, 100) | {"audio_config": {"d_model": 64}}
    assert "the audio tower is not counted" in architecture_of(config, "config.json").doubts


@pytest.mark.parametrize("name", CONFIGS)
def test_published_configs_give_the_catalogues_architecture(name: str) -> None:
    answer = architecture_of(CONFIGS[name], "config.json")
    record = Catalogue().record(name)
    check(answer.arch, record)
    for part in extras(answer.arch).keys() & {"mtp", "vision"}:
        assert extras(answer.arch)[part] == extras(record.arch)[part]
    assert not answer.doubts


def test_every_config_of_a_large_collection() -> None:
    spec = importlib.util.find_spec("aiconfigurator_core")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the aiconfigurator-core package, which carries real configs, is not installed")
    catalogue = Catalogue()
    names = {name.rpartition("/")[2].lower(): name for name in catalogue.ids}
    checked = 0
    for path in sorted(Path(spec.submodule_search_locations[0], "model_configs").glob("*--*_config.json")):
        short = path.name.removesuffix("_config.json").rpartition("--")[2].lower()
        if short in names and "hf_quant" not in path.name:
            result, record = read_config(str(path)).arch, catalogue.record(names[short])
            check(result, record)
            if result.vision is not None:
                assert extras(result)["vision"] == extras(record.arch)["vision"]
            checked += 1
    assert checked > 30


def test_an_unknown_family_is_read_as_a_plain_transformer_and_says_so() -> None:
    result = architecture_of(base("brandnew", 2, 64, 4, 2, 128, 100), "c")
    assert "brandnew" in result.doubts[0]
    assert result.arch.mixers == (Attention(heads=4, kv_heads=2, head_dim=16, layers=2),)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"num_hidden_layers": 10**9}, "at most 10,000"),
        ({"num_hidden_layers": -1}, "whole number"),
        ({"num_hidden_layers": 2.5}, "whole number"),
        ({"num_hidden_layers": True}, "whole number"),
        ({"num_hidden_layers": None}, "does not say num_hidden_layers"),
        ({"hidden_size": "64"}, "whole number"),
        ({"hidden_size": 10**30}, "whole number"),
        ({"num_attention_heads": 0}, "more than 0"),
        ({"layer_types": ["full_attention"]}, "a list of 2"),
        ({"layer_types": [1, 2]}, "a list"),
        ({"tie_word_embeddings": "yes"}, "true or false"),
        ({"model_type": 7}, "a text"),
        ({"text_config": [1]}, "an object"),
        ({"linear_attn_config": 3}, "an object"),
        ({"hybrid_override_pattern": "MXQ"}, "made of"),
        ({"hybrid_override_pattern": "-" * 20_000}, "at most"),
        ({"n_shared_experts": "x", "num_experts": 4, "num_experts_per_tok": 1}, "whole number"),
        ({"quantization_config": "fp8"}, "an object"),
        ({"vision_config": 3}, "an object"),
        ({"block_configs": [1]}, "all differ"),
    ],
)
def test_configs_that_lie(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ModelFileError, match=words):
        architecture_of(base("llama", 2, 64, 4, 2, 128, 100) | more, "config.json")


@pytest.mark.parametrize(
    ("more", "dtype"),
    [
        ({"torch_dtype": "bfloat16"}, "bfloat16"),
        ({"dtype": "torch.float16"}, "float16"),
        ({"quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}}, "float8_e4m3fn"),
        ({"quantization_config": {"quant_method": "mxfp4"}}, "mxfp4 experts / bfloat16"),
        ({}, None),
    ],
)
def test_how_the_weights_are_stored(more: dict[str, Any], dtype: str | None) -> None:
    assert architecture_of(base("llama", 2, 64, 4, 2, 128, 100) | more, "c").dtype == dtype


def test_infinity_is_let_pass_and_the_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(
        json.dumps(base("llama", 2, 64, 4, 2, 128, 100) | {"x": float("inf"), "max_position_embeddings": 4096})
    )
    assert read_config(str(path)).context == 4096
    path.write_text("[1]")
    with pytest.raises(ModelFileError, match="not a JSON object"):
        read_config(str(path))
