"""Names of published checkpoints that are no format: what they come to."""

from __future__ import annotations

import pytest

from qtui.compute.memory.by_hand import parse_arch
from qtui.compute.memory.recipes import MixLike, Rates, recipe_of
from qtui.compute.memory.typical import typical_weights
from qtui.compute.memory.weights import weigh
from qtui.models.catalogue.records import Catalogue

LLAMA = parse_arch("layers=32,hidden=4096,heads=32,kv=8,ffn=14336,vocab=128256")
TABLE = 128_256 * 4096
NORMS = 65 * 4096


@pytest.mark.parametrize("name", ["Q4_K_M", "nf4", "int4:block=128", "mx_fp4", "4", "bpw", "99bpw", "UD-Q9_K_XL", ""])
def test_formats_and_nonsense_are_no_recipes(name: str) -> None:
    assert recipe_of(name) is None


@pytest.mark.parametrize(
    ("name", "bits"),
    [
        ("3.5bpw", 3.5),
        ("exl3", 4),
        ("exl2:4.65", 4.65),
        ("EXL3-2.25bpw", 2.25),
        ("AWQ", 4.15625),
        ("gptq-int4", 4.15625),
    ]
    + [("mlx", 4.5), ("MLX 4-bit", 4.5), ("mlx-8bit", 8.5), ("6bit", 6.5)],
)
def test_rates(name: str, bits: float) -> None:
    recipe = recipe_of(name)
    assert isinstance(recipe, Rates)
    assert recipe.matrices == bits


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("UD-Q4_K_XL", "Q4_K_M"),
        ("ud-iq2_xxs", "IQ2_XXS"),
        ("UD-Q8_K_XL", "Q8_0"),
        ("Q2_K_L", "Q2_K"),
        ("Q3_K_XL", "Q3_K_L"),
    ],
)
def test_mixes_like_others(name: str, base: str) -> None:
    recipe = recipe_of(name)
    assert isinstance(recipe, MixLike)
    assert recipe.base == base


def test_a_rate_leaves_the_embedding_and_the_norms_in_16_bits() -> None:
    weights = weigh(LLAMA, "3.5bpw", "bfloat16")
    matrices = weights.parameters - 2 * TABLE - NORMS
    assert weights.bytes == matrices * 3.5 / 8 + TABLE * 2 + TABLE * 6 / 8 + NORMS * 2
    assert weights.why


def test_wide_ends_are_8_bit() -> None:
    wide, base = weigh(LLAMA, "Q4_K_L", "bfloat16"), weigh(LLAMA, "Q4_K_M", "bfloat16")
    ends = TABLE * (144 + 210) // 256
    assert wide.bytes - base.bytes == 2 * TABLE * 34 // 32 - ends


def test_only_a_number_of_parameters() -> None:
    assert typical_weights(8 * 10**9, "4bpw").bytes == 4 * 10**9
    assert typical_weights(8 * 10**9, "UD-Q4_K_XL").bytes == typical_weights(8 * 10**9, "Q4_K_M").bytes


@pytest.mark.parametrize(
    ("model", "spec", "published", "header"),
    [
        ("openai/gpt-oss-20b", "Q4_K_M:mxfp4", 11_624_759_488, 14_000_000),
        ("openai/gpt-oss-120b", "Q8_0:mxfp4", 63_400_000_000, 60_000_000),
        ("openai/gpt-oss-120b", "Q4_K_M", 88_000_000_000, 200_000_000),
    ],
)
def test_published_files_of_gpt_oss(model: str, spec: str, published: int, header: int) -> None:
    record = Catalogue().record(model)
    assert abs(published - weigh(record.arch, spec, record.dtype).bytes) < header


def test_experts_that_publishers_keep_in_mxfp4_are_mentioned() -> None:
    record = Catalogue().record("openai/gpt-oss-20b")
    assert "11.6 GB (Q4_K_M:mxfp4)" in weigh(record.arch, "Q4_K_M", record.dtype).also
    assert not weigh(LLAMA, "Q4_K_M", "bfloat16").also


@pytest.mark.parametrize(
    ("name", "size"), [("UD-Q3_K_XL", 14.47), ("UD-Q4_K_XL", 17.91), ("UD-Q5_K_XL", 20.35), ("UD-Q6_K_XL", 26.02)]
)
def test_dynamic_mixes_are_larger_by_no_more_than_is_said(name: str, size: float) -> None:
    """Files of Qwen3.6 27B by one publisher."""
    record = Catalogue().find("Qwen3.6-27B")
    weights = weigh(record.arch, name, record.dtype)
    assert 1 < size * 1e9 / weights.bytes < 1.185 and "up to 18 %" in weights.why
