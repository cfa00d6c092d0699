"""The JSON form of architectures: it round-trips, and what is wrong in it is said in one sentence."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from qtui.compute.memory.ffns import FFNS, ffn_class
from qtui.compute.memory.mixers import MIXERS, mixer_class
from qtui.error import QtuiError
from qtui.models.catalogue.architecture import architecture_record, parse_architecture
from qtui.models.catalogue.records import Catalogue

CATALOGUE = Catalogue()
SMALL: dict[str, Any] = {
    "hidden_size": 64,
    "num_layers": 2,
    "vocab_size": 100,
    "tie_word_embeddings": True,
    "mixers": [{"kind": "attention", "layers": 2, "heads": 4, "kv_heads": 2, "head_dim": 16}],
    "ffns": [{"kind": "dense", "layers": 2, "intermediate": 128}],
}


@pytest.mark.parametrize("model", CATALOGUE.ids)
def test_every_record_reads_back_the_same(model: str) -> None:
    arch = CATALOGUE.record(model).arch
    assert parse_architecture(architecture_record(arch)) == arch


def test_a_record_is_written_as_short_as_it_was_read() -> None:
    assert architecture_record(parse_architecture(SMALL)) == SMALL
    fused = {**SMALL, "fused_qkv": True}
    assert architecture_record(parse_architecture(fused)) == fused


def test_every_mixer_has_a_model() -> None:
    used = {m.KIND for record in CATALOGUE.records() for m in record.arch.mixers}
    not_listed = {"mamba", "attention_beside_mamba2"}  # Jamba's and Falcon-H1's, of which the catalogue has no record
    assert used == set(MIXERS) - not_listed


@pytest.mark.parametrize("kind", MIXERS)
def test_the_table_of_mixers_has_their_own_names(kind: str) -> None:
    assert kind == mixer_class(kind).KIND


@pytest.mark.parametrize("cls", [*map(mixer_class, MIXERS), *map(ffn_class, FFNS)])
def test_plain_fields_have_types_by_which_records_are_checked(cls: type[Any]) -> None:
    assert {str(item.type) for item in fields(cls) if isinstance(item.type, str)} <= {"Indexer | None"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hidden_size": "64"}, "hidden_size of Architecture should be of type int, not '64'"),
        ({"depth": 3}, "has no field 'depth'"),
        ({"mixers": [{"kind": "magic"}]}, "no mixer is called 'magic'; known are attention, mla"),
        ({"mixers": [{"kind": "attention", "heads": 4}]}, "needs kv_heads, head_dim"),
        ({"ffns": [{"kind": "dense", "intermediate": True}]}, "intermediate of DenseFfn should be of type int"),
        ({"vision": {"kind": "pixtral_mistral3", "depth": "24"}}, "depth of VisionTower should be of type int"),
        ({"vision": {"kind": "eye"}}, "no vision tower is called 'eye'"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(QtuiError, match=words):
        parse_architecture(SMALL | change)
