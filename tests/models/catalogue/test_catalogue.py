"""The catalogue: every record recomputes to its published count, and search finds what is meant."""

import json

import pytest

from qtui.compute.memory.architecture import extras, layer_tensors, text_parameters
from qtui.error import QtuiError
from qtui.models.catalogue.records import Catalogue
from qtui.models.catalogue.resolve import count

CATALOGUE = Catalogue()


@pytest.mark.parametrize("model", CATALOGUE.ids)
def test_a_record_recomputes_to_its_published_parameters(model: str) -> None:
    record = CATALOGUE.record(model)
    arch = record.arch
    result = text_parameters(arch) + sum(extras(arch).values()) + sum(record.checkpoint_only.values())
    assert result - record.parameters == record.unexplained
    assert len(layer_tensors(arch)) == arch.num_layers
    assert record.sources


def test_most_records_are_exact() -> None:
    assert sum(not record.unexplained for record in CATALOGUE.records()) >= len(CATALOGUE.ids) - 2


def test_licences_are_those_of_the_cards() -> None:
    licences = {record.id: record.licence for record in CATALOGUE.records()}
    assert [model for model, licence in licences.items() if licence is None] == ["MiniMaxAI/MiniMax-M2.7"]
    assert licences["meta-llama/Llama-3.1-8B-Instruct"] == "Llama 3.1 Community"
    assert licences["google/gemma-3-27b-it"] == "Gemma Terms" and licences["google/gemma-4-31B-it"] == "Apache-2.0"
    assert licences["Qwen/Qwen2.5-3B-Instruct"] == "Qwen Research (non-commercial)"


@pytest.mark.parametrize(
    ("query", "model"),
    [
        ("qwen3 8b", "Qwen/Qwen3-8B"),
        ("QWEN3-8B", "Qwen/Qwen3-8B"),
        ("llama3.1 8b", "meta-llama/Llama-3.1-8B-Instruct"),
        ("deepseek v3", "deepseek-ai/DeepSeek-V3"),
        ("gemma-3-27b", "google/gemma-3-27b-it"),
        ("Llama-3.1-8B-Instruct-GGUF", "meta-llama/Llama-3.1-8B-Instruct"),
        ("coder next", "Qwen/Qwen3-Coder-Next"),
        ("Mistral-7B-v0.3", "mistralai/Mistral-7B-Instruct-v0.3"),
        ("unsloth/Qwen3-8B-GGUF", "Qwen/Qwen3-8B"),
        ("https://huggingface.co/unsloth/Qwen3-8B-GGUF/tree/main", "Qwen/Qwen3-8B"),
    ],
)
def test_a_name_finds_its_model(query: str, model: str) -> None:
    assert CATALOGUE.find(query).id == model


def test_a_size_matches_whole() -> None:
    assert all("1.8" not in hit and "0.8" not in hit for hit in CATALOGUE.search("8b"))
    assert all("-a3b" not in hit.lower() for hit in CATALOGUE.search("3b"))


def test_an_ambiguous_name_lists_its_candidates_in_one_line() -> None:
    with pytest.raises(QtuiError, match="gpt-oss-20b, gpt-oss-120b") as caught:
        CATALOGUE.find("gpt-oss")
    assert "\n" not in str(caught.value)


def test_an_unknown_name_suggests_its_neighbours() -> None:
    with pytest.raises(QtuiError, match="did you mean Qwen3-8B"):
        CATALOGUE.find("qwn3-8b")


def test_a_record_is_one_line_of_json() -> None:
    line = json.dumps(CATALOGUE.summary("Qwen/Qwen3-8B"), separators=(",", ":"), ensure_ascii=False)
    assert line.startswith('{"id":"Qwen/Qwen3-8B"')


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("80B", 80 * 10**9),
        ("1.5b", 1_500_000_000),
        ("124M", 124_000_000),
        ("1T", 10**12),
        ("8b-it", None),
        ("", None),
    ],
)
def test_a_bare_count(text: str, parameters: int | None) -> None:
    assert count(text) == parameters


def test_while_typing_names_that_begin_so_come_before_owners() -> None:
    hits = Catalogue().search("qwen", typing=True)
    assert hits[0].rpartition("/")[2].startswith("Qwen") and "Qwen/QwQ-32B" in hits
