"""llama.cpp's mixes against llama.cpp: the sizes that `llama-quantize --dry-run` prints, to its last digit."""

import json
from itertools import product

import pytest

from qtui.compute.memory.architecture import text_tensors
from qtui.compute.memory.by_hand import parse_arch
from qtui.compute.memory.mixes import (
    BY_LAYER,
    MIXES,
    MixChooser,
    MixShape,
    choose_all,
    fitting,
    least_bytes,
    more_bits,
)
from qtui.compute.memory.tensors import gathered
from qtui.compute.memory.weights import format_and_options, shape_of, weigh
from qtui.models.catalogue.records import Catalogue
from tests.support import DATA

SIZES = json.loads((DATA / "llama_mixes.json").read_text())


@pytest.mark.parametrize("model", SIZES)
def test_every_mix_of_a_model(model: str) -> None:
    record = Catalogue().record(model)
    for mix, mib in SIZES[model].items():
        assert weigh(record.arch, mix, record.dtype).bytes / 2**20 == pytest.approx(mib, abs=0.0051), mix


@pytest.mark.parametrize("model", SIZES)
def test_no_mix_takes_less_than_its_least(model: str) -> None:
    record = Catalogue().record(model)
    for mix, options in product(MIXES, ("", ":imatrix")):
        weights = weigh(record.arch, mix + options, record.dtype)
        assert 0 < least_bytes(mix, weights.parameters) <= weights.bytes, mix


def test_the_mixes_of_few_bits() -> None:
    # `llama-quantize --dry-run` of October 2026 on a Llama of this shape, the output untied.
    arch = parse_arch("layers=8,hidden=512,heads=8,kv=2,ffn=1536,vocab=1024,tied=0")
    printed = {
        "Q1_0": 3.75,
        "Q2_0": 7.19,
        "TQ1_0": 5.58,
        "TQ2_0": 6.65,
        "IQ1_S": 5.44,
        "Q2_K_S": 8.45,
        "IQ4_XS": 13.12,
    }
    for mix, mib in printed.items():
        assert weigh(arch, mix, "float32").bytes / 2**20 == pytest.approx(mib, abs=0.0051), mix


def test_rows_that_are_no_whole_number_of_blocks_fall_back() -> None:
    assert [fitting(kind, 896) for kind in ("Q2_K", "Q4_K", "Q5_K", "Q6_K", "IQ2_XS", "Q8_0")] == [
        *("Q4_0", "Q5_0", "Q5_1", "Q8_0", "IQ4_NL", "Q8_0")
    ]
    assert fitting("Q4_K", 100) == "F16" and fitting("Q4_K", 512) == "Q4_K"


def test_the_layers_with_more_bits() -> None:
    assert [i for i in range(32) if more_bits(i, 32)] == [0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, *range(28, 32)]


def test_an_importance_matrix_changes_what_llama_cpp_says_it_changes() -> None:
    arch = parse_arch("layers=16,hidden=512,heads=8,kv=8,ffn=1024,vocab=1024")
    plain, other = (weigh(arch, spec, "bfloat16").bytes for spec in ("Q4_0", "Q4_0:imatrix"))
    # Two of sixteen layers store ffn_down as Q4_1: two bytes more for 32 weights.
    assert other - plain == 2 * 512 * 1024 // 32 * 2


def test_a_tied_embedding_is_stored_like_a_head() -> None:
    for tied in (0, 1):
        arch = parse_arch(f"layers=2,hidden=512,heads=8,ffn=1024,vocab=1024,tied={tied}")
        weights = weigh(arch, "Q4_K_M", "bfloat16")
        table = next(item for item in weights.stored if item.tensor.part == "embedding")
        assert table.kind == ("Q6_K" if tied else "Q4_K")


@pytest.mark.parametrize(
    ("spec", "name"),
    [("bf16", "native"), ("", "native"), ("q4_k_m", "Q4_K_M"), ("Q4_K", "Q4_K"), ("F16", "F16"), ("fp16", "float16")],
)
def test_what_a_format_is_called(spec: str, name: str) -> None:
    assert format_and_options(spec, "bfloat16")[0] == name


def test_an_option_that_a_mix_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="Q4_0 has no option best"):
        format_and_options("Q4_0:best", "bfloat16")


def test_tensors_come_back_in_their_order() -> None:
    arch = Catalogue().find("Qwen3-0.6B").arch
    listed = list(text_tensors(arch))
    chosen = choose_all("Q4_K_M", shape_of(arch), gathered(listed))
    placed = {place: (layer, g.tensor) for g, _ in chosen for place, layer in zip(g.places, g.layers, strict=True)}
    assert [placed[i] for i in range(len(placed))] == listed
    assert [group.places[0] for group, _ in chosen] == sorted(group.places[0] for group, _ in chosen)


@pytest.mark.parametrize("mix", MIXES)
def test_types_depend_on_the_layer_in_some_mixes_only(mix: str) -> None:
    roles = ("v", "k", "q", "o", "up", "gate", "down")
    varying = set()
    for experts, group, imatrix, role in product((0, 8, 128), (1, 4), (False, True), roles):
        chooser = MixChooser(mix, MixShape(32, group, experts, False, False), 32, imatrix)
        if len({chooser.rule(role)(layer, layer) for layer in range(32)}) > 1:
            varying.add(role)
    assert varying == set(BY_LAYER.get(mix, ()))
