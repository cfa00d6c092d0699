"""Every causal language model that transformers registers, from its config: counted exactly, or with a doubt."""

from __future__ import annotations

from typing import Any

import pytest

from qtui.compute.memory.architecture import extras, text_parameters
from qtui.compute.memory.estimate import kv_terms
from qtui.compute.memory.serving import Serving
from qtui.models.architecture import FileArchitecture
from qtui.models.config.reader import architecture_of
from qtui.models.files.source import ModelFileError
from tests.support import registered_models

ROWS = {row["type"]: row for row in registered_models.rows()}
# Transformers makes gate and up projections for experts that do nothing, too; checkpoints don't have them.
UNUSED = {"longcat_flash": 28 * 256 * 2 * 2048 * 6144}


def read(row: dict[str, Any]) -> FileArchitecture | None:
    """The architecture in the row's config; None where qtui says that it can't read it."""
    try:
        return architecture_of(row["config"], "config.json")
    except ModelFileError as error:
        assert "corrupt" not in str(error)
        return None


def exact(row: dict[str, Any], architecture: FileArchitecture) -> bool:
    """Whether the parameters are the built model's, with or without its towers and its routers' corrections."""
    text = text_parameters(architecture.arch)
    wanted = row["parameters"] - UNUSED.get(row["type"], 0)
    counts = (text, text + extras(architecture.arch).get("vision", 0))
    return any(count in (wanted, wanted + row["buffers"]) for count in counts)


@pytest.mark.parametrize("kind", ROWS)
def test_no_model_is_miscounted_without_a_word(kind: str) -> None:
    result = read(ROWS[kind])
    if result is not None and not exact(ROWS[kind], result):
        assert not result.family_known or any("not counted" in doubt for doubt in result.doubts)


def test_four_in_five_are_counted_exactly() -> None:
    counted = [kind for kind, row in ROWS.items() if (result := read(row)) is not None and exact(row, result)]
    assert len(counted) >= 0.8 * len(ROWS)


@pytest.mark.parametrize("kind", ["bert", "roberta", "big_bird"])
def test_encoders_keep_no_cache(kind: str) -> None:
    result = read(ROWS[kind])
    assert result is not None
    assert sum(term.bytes for term in kv_terms(result.arch, Serving())) == 0


@pytest.mark.timeout(1200)
def test_the_table_is_what_transformers_builds() -> None:
    transformers = pytest.importorskip("transformers", reason="pip install qtui[architectures] builds the models")
    pytest.importorskip("torch", reason="pip install qtui[architectures] builds the models")
    if not transformers.__version__.startswith(registered_models.VERSION):
        pytest.skip(f"the table is of transformers {registered_models.VERSION}")
    for row in registered_models.built():
        assert {key: row[key] for key in ("parameters", "buffers")} == {
            key: ROWS[row["type"]][key] for key in ("parameters", "buffers")
        }


# What transformers builds from these: the parameters of the bare model, and with its head for masked words.
ENCODERS = {
    "modernbert": (
        {"hidden_size": 768, "num_hidden_layers": 22, "num_attention_heads": 12, "intermediate_size": 1152},
        {"vocab_size": 50368},
        149_014_272,
        149_655_232,
    ),
    "distilbert": (
        {"dim": 768, "n_layers": 6, "n_heads": 12, "hidden_dim": 3072},
        {"vocab_size": 30522, "max_position_embeddings": 512},
        66_362_880,
        66_985_530,
    ),
}


@pytest.mark.parametrize("kind", ENCODERS)
def test_encoders_with_and_without_a_head(kind: str) -> None:
    layers, ends, bare, headed = ENCODERS[kind]
    config = {"model_type": kind, **layers, **ends}
    assert text_parameters(architecture_of(config, "config.json").arch) == bare
    config["architectures"] = ["SomeForMaskedLM"]
    assert text_parameters(architecture_of(config, "config.json").arch) == headed


T5 = {"d_model": 512, "num_layers": 6, "num_decoder_layers": 6, "num_heads": 8, "d_ff": 2048, "d_kv": 64}
T5 |= {"vocab_size": 32128, "is_encoder_decoder": True, "tie_word_embeddings": True}
V1_1 = {"feed_forward_proj": "gated-gelu", "num_decoder_layers": 4}
UMT5 = T5 | {"num_layers": 8, "num_decoder_layers": 8, "num_heads": 6, "d_ff": 1024, "vocab_size": 250112}
UMT5 |= {"is_gated_act": True}
ALBERT = {"hidden_size": 4096, "embedding_size": 128, "num_hidden_layers": 12, "num_attention_heads": 64}
ALBERT |= {"intermediate_size": 16384, "vocab_size": 30000, "max_position_embeddings": 512, "num_hidden_groups": 1}
ELECTRA = {"hidden_size": 256, "embedding_size": 128, "num_hidden_layers": 12, "num_attention_heads": 4}
ELECTRA |= {"intermediate_size": 1024, "vocab_size": 30522, "max_position_embeddings": 512}
MPNET = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
MPNET |= {"vocab_size": 30527, "max_position_embeddings": 512}

NOMIC = {"n_embd": 768, "n_layer": 12, "n_head": 12, "n_inner": 3072, "n_positions": 8192, "vocab_size": 30528}


@pytest.mark.parametrize(
    ("kind", "name", "config", "parameters"),
    [  # as transformers 5.24 builds them
        ("t5", "T5ForConditionalGeneration", T5, 60_506_624),
        ("t5", "T5ForConditionalGeneration", T5 | V1_1, 62_600_704),
        ("t5", "T5ForConditionalGeneration", T5 | V1_1 | {"tie_word_embeddings": False}, 62_600_704 + 32128 * 512),
        ("t5", "T5EncoderModel", T5, 35_330_816),
        ("umt5", "UMT5ForConditionalGeneration", UMT5, 172_122_112),
        ("umt5", "UMT5EncoderModel", UMT5, 146_941_952),
        ("mt5", "MT5EncoderModel", UMT5, 146_940_608),
        ("albert", "AlbertModel", ALBERT, 222_595_584),
        ("albert", "AlbertForMaskedLM", ALBERT, 206_368_944),
        ("albert", "AlbertModel", ALBERT | {"num_hidden_groups": 3, "inner_group_num": 2}, 1_229_494_784),
        ("electra", "ElectraModel", ELECTRA, 13_483_008),
        ("electra", "ElectraForMaskedLM", ELECTRA, 13_546_682),
        ("electra", "ElectraForPreTraining", ELECTRA, 13_549_057),
        ("electra", "ElectraModel", ELECTRA | MPNET | {"embedding_size": 768, "vocab_size": 30522}, 108_891_648),
        ("mpnet", "MPNetModel", MPNET, 109_484_928),
        ("mpnet", "MPNetForMaskedLM", MPNET, 109_516_991),
        ("nomic_bert", "NomicBertModel", NOMIC, 136_731_648),  # nomic-embed-text-v1.5's own file
        ("bart", "BartForConditionalGeneration", {}, 406_291_456),
    ],
)
def test_encoders_of_other_layouts(kind: str, name: str, config: dict[str, Any], parameters: int) -> None:
    config = config or ROWS["bart"]["config"] | {"encoder_layers": 12, "encoder_ffn_dim": 4096}
    answer = architecture_of({**config, "model_type": kind, "architectures": [name]}, "config.json")
    assert text_parameters(answer.arch) == parameters
    alone = not name.endswith("ForConditionalGeneration")
    assert answer.family_known == alone  # the cache of an encoder's output has no known length
    assert alone == (sum(term.bytes for term in kv_terms(answer.arch, Serving())) == 0)


def test_what_an_encoder_beside_a_decoder_takes_is_said_to_be_left_out() -> None:
    whole = architecture_of(
        {**ROWS["bart"]["config"], "architectures": ["BartForConditionalGeneration"]}, "config.json"
    )
    assert not whole.family_known
    assert any("encoder" in doubt for doubt in whole.doubts)
    alone = architecture_of(ROWS["bart"]["config"], "config.json")
    assert alone.family_known
