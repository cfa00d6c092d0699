"""Answers that follow from a sum, against small cases worked out by hand and speeds that were measured."""

import pytest

from qtui.compute.memory.buffers import compute_term
from qtui.compute.memory.by_hand import parse_arch
from qtui.compute.memory.estimate import kv_terms, repack_term, weight_terms
from qtui.compute.memory.fit import Budget, Offload, largest, layer_bytes, layer_caches, needed, offload
from qtui.compute.memory.serving import Serving
from qtui.compute.memory.speed import SPREAD, TokenRead, active_bytes, costs_of, speed, token_time
from qtui.compute.memory.weights import weigh
from qtui.models.catalogue.records import Catalogue

GB = 10**9


def test_largest_finds_the_last_that_fits() -> None:
    for most in (0, 1, 7, 100):
        for edge in range(most + 1):
            assert largest(lambda n, edge=edge: edge - n, most) == edge


@pytest.mark.parametrize(("slope", "steps"), [(1, 6), (1000, 2 * 17 + 2)])
def test_largest_takes_few_steps(slope: int, steps: int) -> None:
    """Few along a line; never many more than twice those of halving, however the line bends."""
    asked: list[int] = []

    def room(n: int) -> int:
        asked.append(n)
        return 60_000 - n if n <= 50_000 else 10_000 - slope * (n - 50_000)

    assert largest(room, 1 << 17) == 50_000 + 10_000 // slope
    assert len(asked) <= steps


@pytest.mark.parametrize(("spec", "measured"), [("Q8_0", 11.7), ("Q4_K_M", 16.8), ("Q4_0", 17.7)])
def test_the_range_holds_a_measured_speed(spec: str, measured: float) -> None:
    """Llama 3.2 1B on two threads, whose plain sweep of memory reads 19.0 GB/s."""
    record = Catalogue().find("Llama-3.2-1B")
    weights = weigh(record.arch, spec, record.dtype)
    read = active_bytes(record.arch, weights.stored)
    budget = Budget(0, 16 * GB, ram_bandwidth=19 * GB, measured=True)
    time = token_time(read, 0, needed(weights.bytes, 0, True), None, budget)
    assert time is not None
    modelled = speed(read, 0, time)
    assert modelled.low <= measured <= modelled.high
    assert modelled.high < 2 * modelled.low


def test_a_mixture_reads_only_the_chosen_experts() -> None:
    arch = parse_arch("layers=2,hidden=512,heads=8,ffn=512,vocab=1024,experts=16,top=4")
    weights = weigh(arch, "bf16", "bfloat16")
    experts = 2 * 2 * 16 * 3 * 512 * 512
    table = 2 * 1024 * 512
    read = active_bytes(arch, weights.stored)
    assert read.experts == experts // 4
    assert read.weights == weights.bytes - table - experts + experts // 4


def test_experts_in_ram_slow_down_only_what_is_read_of_them() -> None:
    read, need = TokenRead(weights=3 * GB, experts=2 * GB), needed(40 * GB, 0, False)
    split = Offload(0, 48, 0, 0, True, experts_in_ram=24, expert_layers=48)
    budget = Budget(24 * GB, 64 * GB, 1000 * GB, 50 * GB)
    time = token_time(read, 0, need, split, budget)
    assert time is not None
    modelled = speed(read, 0, time)
    # 1 GB of chosen experts from RAM at 50 GB/s, 2 GB from the card at 1000 GB/s, at each one's share of that.
    seconds = 1 / 50 / costs_of("cpu").share + 2 / 1000 / costs_of("nvidia").share
    assert modelled.high == pytest.approx(SPREAD[1] / seconds, rel=1e-6)


def test_layers_go_to_the_card_from_the_last_as_long_as_they_fit() -> None:
    record = Catalogue().find("Qwen3-8B")
    arch, serving = record.arch, Serving()
    weights = weigh(arch, "Q8_0", "bfloat16")
    terms = [
        *weight_terms(weights),
        *(("kv", t) for t in kv_terms(arch, serving)),
        ("compute", compute_term(arch, serving)),
    ]
    total = sum(term.bytes for _, term in terms)
    table = 151_936 * 4096 // 32 * 34
    before = -1
    for gigabytes in (1, 3, 5, 7, 9, 11):
        layers, caches = layer_bytes(arch, weights.stored), layer_caches(arch, serving)
        split = offload(layers, caches, tuple(terms), Budget(gigabytes * GB, 64 * GB))
        assert before <= split.layers <= 36 and split.gpu <= gigabytes * GB and split.fits
        before = split.layers
        if 0 < split.layers < 36:
            # Everything is somewhere; the compute buffer is in both.
            assert split.gpu + split.ram == total + compute_term(arch, serving).bytes
    assert before == 36 and split.ram == table + compute_term(arch, serving).bytes


def test_the_repacked_copy_is_the_one_that_was_logged() -> None:
    """Llama 3.2 1B as Q4_K_M: CPU_REPACK 445.50 MiB."""
    record = Catalogue().find("Llama-3.2-1B")
    term = repack_term(weigh(record.arch, "Q4_K_M", record.dtype).stored)
    assert term is not None and abs(term.bytes / 2**20 - 445.50) < 0.005
    assert repack_term(weigh(record.arch, "Q8_0", record.dtype).stored) is None
