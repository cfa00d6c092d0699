"""A transformer's configuration from the metadata of a GGUF file, by llama.cpp's keys and defaults."""

from __future__ import annotations

import math
from typing import Any

from qtui.compute.lm.config import LmConfig, LmLayer, Rope, divided, frequencies, yarn_factors
from qtui.models.architecture import ConfigFields
from qtui.models.files.model_file import ModelFile
from qtui.models.files.source import ModelFileError, quoted
from qtui.models.gguf.metadata import LazyArray
from qtui.models.lm.families import Family, family_called
from qtui.models.tensors.values import TensorData

ARRAY_LIMIT = 10_000
LARGEST = frozenset((("gemma2", 46), ("gemma3", 62)))  # the 27B models divide scores by the root of hidden / heads


def config_of_gguf(model: ModelFile) -> LmConfig:
    """The configuration of a GGUF `model`. Raises ModelFileError where it can't be run, or is corrupt."""
    family = family_called(str(model.metadata.get("general.architecture")), model.path, gguf=True)
    f = ConfigFields(model.path, _family_keys(model, family.gguf))
    if f.count("expert_count", default=0):
        raise ModelFileError(f"{model.path} is a mixture of experts, which qtui can't run; it runs dense models")
    layers, hidden, heads = (
        f.layers("block_count"),
        f.positive("embedding_length"),
        f.positive("attention.head_count"),
    )
    shapes = {tensor.name: tensor.shape for tensor in model.tensors}
    head_dim = f.positive("attention.key_length", default=hidden // heads)
    return LmConfig(
        vocabulary=shapes.get("token_embd.weight", (0,))[0],
        hidden=hidden,
        heads=heads,
        kv_heads=f.positive("attention.head_count_kv", default=heads),
        head_dim=head_dim,
        ffn=f.positive("feed_forward_length"),
        layers=_layers(f, family, model, layers, head_dim),
        epsilon=f.real("attention.layer_norm_rms_epsilon", 1e-5),
        context=f.positive("context_length", default=2048),
        activation=family.activation,
        embedding_scale=math.sqrt(hidden) if family.scaled_embedding else 1.0,
        attention_scale=(hidden / heads) ** -0.5 if (family.gguf, layers) in LARGEST else 0.0,
        attention_cap=f.real("attn_logit_softcapping", 0.0),
        logit_cap=f.real("final_logit_softcapping", 0.0),
    )


def _family_keys(model: ModelFile, kind: str) -> dict[str, Any]:
    """The family's own keys without its name; short arrays read."""
    own: dict[str, Any] = {}
    for key, value in model.metadata.items():
        if key.startswith(f"{kind}."):
            short = isinstance(value, LazyArray) and len(value) <= ARRAY_LIMIT
            own[key[len(kind) + 1 :]] = value.values() if short else value
    return own


def _layers(f: ConfigFields, family: Family, model: ModelFile, count: int, head_dim: int) -> tuple[LmLayer, ...]:
    turned = f.positive("rope.dimension_count", default=head_dim)
    base = f.real("rope.freq_base", 10_000.0)
    plain = frequencies(turned, base)
    everywhere = _scaled(f, model, plain, base)
    far = _factors(model, "rope_factors_long.weight", len(plain))
    original = f.count("rope.scaling.original_context_length", default=0)
    beyond = divided(plain, far) if far and original else ()
    whole = Rope(everywhere[0], family.interleaved, everywhere[1], beyond, original if beyond else 0)
    local = whole
    if family.local_base:
        near = f.real("rope.freq_base_swa", family.local_base)
        local = Rope(frequencies(turned, near), family.interleaved)
    window = f.count("attention.sliding_window", default=0) if family.period else 0
    layers = []
    for i in range(count):
        sees_all = not window or (i + 1) % family.period == 0
        rope = whole if sees_all else local
        layers.append(LmLayer(None if _without_rope(family, i) else rope, 0 if sees_all else window))
    return tuple(layers)


def _without_rope(family: Family, layer: int) -> bool:
    return bool(family.unturned) and (layer + 1) % family.unturned == 0


def _scaled(
    f: ConfigFields, model: ModelFile, values: tuple[float, ...], base: float
) -> tuple[tuple[float, ...], float]:
    """Frequencies after the file's scaling, and the factor on what is turned."""
    for name in ("rope_freqs.weight", "rope_factors_short.weight"):  # Llama 3.1; LongRoPE within its first context
        factors = _factors(model, name, len(values))
        if factors:
            return divided(values, factors), f.real("rope.scaling.attn_factor", 1.0)
    kind = f.text("rope.scaling.type", "none")
    factor = f.real("rope.scaling.factor", 1.0)
    if kind == "linear" and factor > 0:
        return tuple(value / factor for value in values), 1.0
    if kind == "yarn" and factor > 1:
        original = f.positive("rope.scaling.original_context_length", default=f.positive("context_length"))
        fast, slow = f.real("rope.scaling.yarn_beta_fast", 32.0), f.real("rope.scaling.yarn_beta_slow", 1.0)
        scale = f.real("rope.scaling.yarn_attn_factor", 1.0) * (1 + 0.1 * math.log(factor))
        return divided(values, yarn_factors(values, factor, original, fast, slow, base)), scale
    if kind not in ("none", "linear", "yarn", "longrope"):
        raise ModelFileError(f"{model.path} scales its positions by {quoted(kind)}, which qtui can't run")
    return values, 1.0


def _factors(model: ModelFile, name: str, count: int) -> list[float]:
    """The `count` numbers of the tensor `name`, by which frequencies are divided; none where it isn't there.

    Raises ModelFileError where one of them is not above 0.
    """
    tensor = next((t for t in model.tensors if t.name == name), None)
    if tensor is None or tensor.count != count:
        return []
    with TensorData(tensor) as data:
        factors: list[float] = data.values(0, data.count).tolist()
    if not all(factor > 0 for factor in factors):
        raise ModelFileError(f"{model.path} is corrupt: {name} holds numbers that are not above 0; get it again")
    return factors
