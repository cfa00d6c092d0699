"""Buffers of several cards against what others measured of llama.cpp."""

from __future__ import annotations

import pytest

from qtui.compute.memory.buffers import compute_term, copies_term, other_cards_term
from qtui.compute.memory.serving import Serving
from qtui.models.catalogue.records import Catalogue
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.memory.solve import solve

GIB = 1 << 30


def test_a_pipeline_keeps_four_copies_of_the_masks_on_each_card() -> None:
    """4.0 GiB on each of four cards for Kimi-K3 with 1,048,576 tokens (unsloth pull request 7637)."""
    arch, serving = Catalogue().find("Kimi-K3").arch, Serving(context=1 << 20)
    copies = copies_term(arch, serving, 4).bytes / 4
    assert (copies * 4 / 3) / GIB == pytest.approx(4.0, rel=0.02)


def test_cards_that_divide_every_matrix_have_the_masks_each() -> None:
    """0.96 GiB in sum over three cards, split by tensor (llama-toolchest issue 180; its settings are inferred)."""
    arch, serving = Catalogue().find("Qwen3.8-27B").arch, Serving(context=131072, k_type="q8_0", v_type="q8_0")
    total = compute_term(arch, serving).bytes + other_cards_term(arch, serving, 3, tensor_split=True).bytes
    assert total / GIB == pytest.approx(0.96, rel=0.1)


def test_the_sum_counts_the_buffers_of_every_card() -> None:
    result = solve(MemoryScenario(("Qwen3.8-27B",), "Q6_K", ctx=131072, kv_type="q8_0", machine="3x RTX 3090"))
    assert sum(one.compute for one in result.devices) == result.bytes("compute")
    assert result.need.total == result.total == sum(term.bytes for _, term in result.terms)
    alone = solve(MemoryScenario(("Qwen3.8-27B",), "Q6_K", ctx=131072, kv_type="q8_0", ram="64GB", vram="80GB"))
    assert 4 * alone.bytes("compute") < result.bytes("compute")
    assert all(term.why for group, term in result.terms if group == "compute")


def test_copies_are_kept_only_where_they_have_room() -> None:
    tight = solve(MemoryScenario(("Llama-3.3-70B",), "IQ4_XS", ctx=36864, machine="2x RTX 3090"))
    assert tight.fits and not any(term.name == "pipeline's copies" for _, term in tight.terms)
    assert any("--tensor-split" in note for note in tight.notes)
