"""What transformers builds from the default config of every causal language model that it registers.

`python -m tests.support.registered_models` builds them all without memory for their weights (torch's meta device) and
writes tests/data/registered_models.jsonl: a line a model with its config and its parameters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parents[1] / "data" / "registered_models.jsonl"
VERSION = "5.24"
# Fields that say nothing about sizes.
_OTHER = re.compile(
    r"token_id|token_index|suppress_tokens|dropout|pdrop|_act$|activation|initializer|eps|epsilon|rope_param|rope_scaling|rope_inter|theta|label|output_|use_cache|return_dict"
    r"|problem|scaling|logit|chunk_size_feed|init_|aux_loss|time_step|_name_or_path|version|mask|sparsity"
    r"|dtype|torchscript|layerdrop|summary|attn_implementation|pretraining|hub|beam|length|prompt|norm_topk"
)
# Configs that build nothing by themselves: what they need beside their defaults.
ASKED: dict[str, dict[str, Any]] = {
    "deepseek_v2": {"num_experts_per_tok": 6},
    "hunyuan_v1_dense": {"head_dim": 128},
    "hunyuan_v1_moe": {"head_dim": 128, "num_experts": 4, "num_key_value_heads": 8},
    "lfm2_moe": {"layer_types": ["conv", "conv", "full_attention"] * 10 + ["conv", "full_attention"]},
    "ministral": {"head_dim": 128, "num_key_value_heads": 8},
    "nemotron": {"num_key_value_heads": 8},
    "reformer": {"is_decoder": True},
}


def rows() -> list[dict[str, Any]]:
    """The table: dicts with type, parameters, buffers (stored, not trained) and config."""
    return [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]


def built() -> Iterator[dict[str, Any]]:
    """The same from transformers itself; models that it can't build are left out."""
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    for kind in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        try:
            config = CONFIG_MAPPING[kind](**ASKED.get(kind, {}))
            with torch.device("meta"):
                model = AutoModelForCausalLM.from_config(config)
        except Exception as error:  # whatever a model's own code raises for its own defaults
            print(f"{kind}: {type(error).__name__}: {error}"[:160])
            continue
        saved = model.state_dict()
        yield {
            "type": kind,
            "parameters": sum(weight.numel() for weight in model.parameters()),
            "buffers": sum(buffer.numel() for name, buffer in model.named_buffers() if name in saved),
            "config": {
                "architectures": [type(model).__name__],
                **_sizes(json.loads(config.to_json_string(use_diff=False))),
            },
        }


def _sizes(config: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in config.items():
        if value is None or (_OTHER.search(name) and name != "model_type"):
            continue
        if isinstance(value, dict):
            value = _sizes(value)
        if not isinstance(value, float) or value.is_integer():
            kept[name] = value
    return kept


def main() -> None:
    """Write the table."""
    lines = [json.dumps(row, separators=(",", ":")) for row in built()]
    TABLE.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(f"{len(lines)} models, {TABLE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
