"""Every family's logits against transformers, from safetensors and from GGUF; what can't be run is refused."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qtui.compute.lm.answers import continued
from qtui.compute.lm.attention import KvCache
from qtui.compute.lm.transformer import Transformer
from qtui.models.files.source import ModelFileError
from qtui.models.lm.checkpoint import config_of_checkpoint, gguf_name_in, names_of_checkpoint
from qtui.models.lm.families import FAMILIES
from qtui.models.lm.load import check_tensors, load_model
from tests.support import lm_models

DATA = Path(__file__).resolve().parents[2] / "data"
GGUF_KEYS = {
    "embedding_length": "hidden_size",
    "feed_forward_length": "intermediate_size",
    "block_count": "num_hidden_layers",
    "attention.head_count": "num_attention_heads",
    "attention.head_count_kv": "num_key_value_heads",
    "attention.layer_norm_rms_epsilon": "rms_norm_eps",
    "context_length": "max_position_embeddings",
    "rope.freq_base": "rope_theta",
    "attention.key_length": "head_dim",
    "attention.sliding_window": "sliding_window",
    "attn_logit_softcapping": "attn_logit_softcapping",
    "final_logit_softcapping": "final_logit_softcapping",
}


def logits(path: str, memory: int = 1 << 30) -> np.ndarray[Any, Any]:
    model = load_model(path, memory)
    return Transformer(model.config, model.weights()).logits(lm_models.ids()[None])[0]


@pytest.fixture(scope="module")
def expected() -> dict[str, np.ndarray[Any, Any]]:
    return dict(np.load(DATA / "lm_families.npz"))


@pytest.mark.parametrize("name", lm_models.CONFIGS)
def test_logits_are_those_of_transformers(name: str, tmp_path: Path, expected: dict[str, Any]) -> None:
    ours = logits(lm_models.save_checkpoint(tmp_path, name))[::3]
    assert np.abs(expected[name]).max() > 0.5
    assert np.abs(ours - expected[name]).max() < 2e-5


@pytest.mark.parametrize("name", lm_models.CONFIGS)
def test_every_family_has_the_matrices_in_which_super_weights_are_sought(name: str, tmp_path: Path) -> None:
    model = load_model(lm_models.save_checkpoint(tmp_path, name))
    seen: list[str] = []
    Transformer(model.config, model.weights(), watch=lambda matrix, _: seen.append(matrix)).logits(
        lm_models.ids()[None, :4]
    )
    down = [matrix for matrix in seen if matrix.endswith("ffn_down.weight")]
    assert down == [f"blk.{i}.ffn_down.weight" for i in range(len(model.config.layers))]


def permuted(values: np.ndarray[Any, Any], heads: int) -> np.ndarray[Any, Any]:
    """Rows of queries or keys as llama.cpp's converter stores them: each head's halves interleaved."""
    return values.reshape(heads, 2, -1, *values.shape[1:]).swapaxes(1, 2).reshape(values.shape)


def as_gguf(folder: Path, name: str) -> str:
    """The made-up model as llama.cpp's converter writes it."""
    c = lm_models.config(name)
    family = next(f for f in FAMILIES if c["model_type"] in f.model_types)
    names = names_of_checkpoint(list(lm_models.shapes(name)), family)
    tensors = {}
    for ours, theirs in names.items():
        values = lm_models.weight(theirs, lm_models.shapes(name)[theirs])
        if family.interleaved and (".attn_q." in ours or ".attn_k." in ours):
            values = permuted(values, c["num_attention_heads" if "_q." in ours else "num_key_value_heads"])
        tensors[ours] = values + np.float32(1) if family.offset and "norm" in ours else values
    pairs = [lm_models.number("general.architecture", family.gguf)]
    pairs += [lm_models.number(f"{family.gguf}.{k}", c[v]) for k, v in GGUF_KEYS.items() if v in c]
    scaling = c.get("rope_scaling", {})
    if "factor" in scaling and scaling.get("rope_type") in ("linear", "yarn"):
        pairs.append(lm_models.number(f"{family.gguf}.rope.scaling.type", scaling["rope_type"]))
        pairs.append(lm_models.number(f"{family.gguf}.rope.scaling.factor", scaling["factor"]))
        original = scaling.get("original_max_position_embeddings", 64)
        pairs.append(lm_models.number(f"{family.gguf}.rope.scaling.original_context_length", original))
    if "partial_rotary_factor" in c:
        pairs.append(lm_models.number(f"{family.gguf}.rope.dimension_count", 4))
    if name == "llama3":
        tensors["rope_freqs.weight"] = np.array([1, 1, 8, 8], np.float32)
    if name in ("phi3", "longrope"):
        original = c["original_max_position_embeddings"]
        for length in ("short", "long"):
            tensors[f"rope_factors_{length}.weight"] = np.array(scaling[f"{length}_factor"], np.float32)
        factor = (1 + np.log(64 / original) / np.log(original)) ** 0.5
        pairs.append(lm_models.number(f"{family.gguf}.rope.scaling.original_context_length", original))
        pairs.append(lm_models.number(f"{family.gguf}.rope.scaling.attn_factor", float(factor)))
    return lm_models.save_gguf(folder / f"{name}.gguf", pairs, tensors)


# GGUF files of these have what transformers reads elsewhere: no window for Mistral, the scale of scores for Gemma 2.
@pytest.mark.parametrize("name", [n for n in lm_models.CONFIGS if n not in ("mistral", "gemma2", "llama3")])
def test_a_gguf_gives_the_same(name: str, tmp_path: Path, expected: dict[str, Any]) -> None:
    assert np.abs(logits(as_gguf(tmp_path, name))[::3] - expected[name]).max() < 2e-5


def test_llama_3_frequencies_come_from_their_tensor(tmp_path: Path, expected: dict[str, Any]) -> None:
    path = as_gguf(tmp_path, "llama3")
    from qtui.compute.lm.config import frequencies, llama3_factors

    factors = llama3_factors(frequencies(8, 500000.0), 8.0, 1.0, 4.0, 16)
    rope = load_model(path).config.layers[0].rope
    assert rope is not None
    np.testing.assert_allclose(rope.frequencies, np.array(frequencies(8, 500000.0)) / [1, 1, 8, 8])
    assert factors[0] == pytest.approx(1 / (1 / 3 * (16 / (2 * np.pi) - 1) * (1 - 1 / 8) + 1 / 8))
    assert factors[1:] == (8.0, 8.0, 8.0)


@pytest.mark.parametrize("name", ["llama", "gemma3", "phi3"])
def test_a_cache_gives_what_the_whole_gives(name: str, tmp_path: Path) -> None:
    model = load_model(lm_models.save_checkpoint(tmp_path, name))
    runs = Transformer(model.config, model.weights())
    ids = lm_models.ids()[None]
    whole = runs.logits(ids)[0]
    cache = KvCache(len(model.config.layers))
    parts = [runs.logits(ids[:, a:b], cache)[0] for a, b in ((0, 17), (17, 18), (18, 19), (19, 40))]
    assert cache.tokens == 40
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=2e-5)
    cache.cut(20)
    np.testing.assert_allclose(runs.logits(ids[:, 20:], cache)[0], whole[20:], atol=2e-5)


def test_a_continuation_past_the_first_context_is_read_anew(tmp_path: Path) -> None:
    model = load_model(lm_models.save_checkpoint(tmp_path, "longrope"))
    runs = Transformer(model.config, model.weights())
    ids = lm_models.ids()[:22].tolist()
    for token, _ in list(continued(runs, ids, frozenset(), 6)):
        assert token == int(runs.logits(np.array([ids], np.int64))[0, -1].argmax())
        ids.append(token)


def test_windows_of_a_batch_do_not_see_each_other(tmp_path: Path) -> None:
    model = load_model(lm_models.save_checkpoint(tmp_path, "qwen3"))
    runs = Transformer(model.config, model.weights())
    ids = lm_models.ids().reshape(2, 20)
    both = runs.logits(ids, first=5)
    assert both.shape == (2, 15, lm_models.VOCABULARY)
    for at in range(2):
        np.testing.assert_allclose(both[at], runs.logits(ids[at : at + 1])[0, 5:], atol=2e-5)


def test_little_memory_changes_nothing(tmp_path: Path, expected: dict[str, Any]) -> None:
    path = lm_models.save_checkpoint(tmp_path, "gemma2")
    model = load_model(path, 4096)
    weights = model.weights()
    result = Transformer(model.config, weights).logits(lm_models.ids()[None])[0, ::3]
    assert np.abs(result - expected["gemma2"]).max() < 2e-5
    sizes: list[int] = []
    weights.spread("token_embd.weight", lambda rows, piece: sizes.append(piece.nbytes))
    assert len(sizes) > 5 and max(sizes) <= 2048 and weights.held <= 4096


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model_type": "mamba"}, "family 'mamba', which qtui can't run"),
        ({"num_attention_heads": "4"}, "not a whole number"),
        ({"rope_scaling": {"rope_type": "dynamic"}}, "positions by 'dynamic'"),
        ({"intermediate_size": 50}, r"\[48, 32\], not \[50, 32\]"),
        ({"num_hidden_layers": 9}, "has no 'blk.3"),
        ({"num_attention_heads": 3, "head_dim": 8}, "don't divide"),
        ({"partial_rotary_factor": 4.0}, "more dimensions are turned"),
    ],
)
def test_what_cannot_be_run_is_refused(change: dict[str, Any], words: str, tmp_path: Path) -> None:
    path = lm_models.save_checkpoint(tmp_path, "llama")
    config = {**lm_models.config("llama"), **change}
    (tmp_path / "llama" / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelFileError, match=words):
        load_model(path)


def test_windows_of_qwen_begin_above_some_layers() -> None:
    asked = {"use_sliding_window": True, "max_window_layers": 1, "sliding_window": 8}
    config = lm_models.config("qwen3")
    layers = config_of_checkpoint({**config, **asked}, "config.json").layers
    assert [layer.window for layer in layers] == [0] + [8] * (config["num_hidden_layers"] - 1)
    layers = config_of_checkpoint({**config, **asked, "use_sliding_window": False}, "config.json").layers
    assert not any(layer.window for layer in layers)


@pytest.mark.parametrize(
    ("tensor", "shape"), [("lm_head.weight", (7, 32)), ("model.layers.0.self_attn.q_norm.weight", (3,))]
)
def test_a_tensor_of_another_shape_is_told(tensor: str, shape: tuple[int, ...], tmp_path: Path) -> None:
    model = load_model(lm_models.save_checkpoint(tmp_path, "qwen3"))
    name = gguf_name_in(tensor, model.family)
    one = replace(model.tensors["blk.0.attn_norm.weight"], shape=shape)
    with pytest.raises(ModelFileError, match="is corrupt: .*; download it again"):
        check_tensors("model", model.config, {**model.tensors, name: one})


def test_a_checkpoint_without_its_config_is_refused(tmp_path: Path) -> None:
    path = lm_models.save_checkpoint(tmp_path, "llama")
    (tmp_path / "llama" / "config.json").unlink()
    with pytest.raises(ModelFileError, match="config.json beside"):
        load_model(path)
