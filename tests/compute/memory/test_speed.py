"""The speed model against every published measurement, fitted or held out."""

import pytest

from qtui.compute.memory.speed import COSTS, SPREAD, DeviceCosts, TokenRead, costs_of, format_class, reading_times
from qtui.models.published.speed import measurements, on_device
from tests.support.speed import inside, modelled, points


@pytest.mark.parametrize("held_out", [False, True])
def test_nine_in_ten_measurements_are_inside_a_twofold_range(held_out: bool) -> None:
    assert SPREAD[1] <= 2 * SPREAD[0]
    chosen = list(points(held_out=held_out))
    assert len(chosen) >= 20
    assert sum(inside(point) for point in chosen) >= 0.9 * len(chosen)


def test_every_measurement_has_its_source_and_a_known_class() -> None:
    for row in measurements():
        assert row.source and row.tokens_per_second > 0
        assert row.kind in COSTS or not row.bandwidth
        assert not row.device or any(map(str.isdigit, row.device))


@pytest.mark.parametrize(
    ("device", "slower", "faster"),
    [("M1 Max", "Q3_K_M", "IQ4_NL"), ("M2 Max CPU", "Q2_K_S", "Q4_0"), ("M2 Max CPU", "IQ3_S", "F16")],
)
def test_smaller_is_slower_where_it_was_measured_to_be(device: str, slower: str, faster: str) -> None:
    speeds = {
        point.row.format: modelled(point, costs_of(point.row.kind))
        for point in points()
        if point.row.device == device and point.row.code in ("2024", "2026")
    }
    assert speeds[slower] < speeds[faster]


def test_unpacking_counts_as_bits_more_of_each_weight() -> None:
    read = TokenRead(4 * 10**9, 0, {"Q2_K": 8 * 10**9})
    costs = DeviceCosts("", 0.0, 0.5, {"Q2_K": 2.0}, "")
    assert reading_times(read, costs, 50 * 10**9) == pytest.approx((4 / 50, 2 / 50))


def test_classes_of_formats() -> None:
    assert format_class("bfloat16") == format_class("F16") == "plain"
    assert format_class("IQ3_XXS") == "IQ3" and format_class("int4:asym,block=64") == "4-bit blocks"


def test_devices_are_found_in_the_names_of_machines() -> None:
    assert {row.device for row in on_device("MacBook Pro M1 Max 64GB")} == {"M1 Max"}
    assert {row.device for row in on_device("NVIDIA GeForce RTX 2080 Ti")} == {"RTX 2080 Ti"}
    assert {row.device for row in on_device("NVIDIA GeForce RTX 2080")} == {"RTX 2080"}
    assert on_device("RTX 4080 SUPER") == () == on_device("this machine")
    assert all(row in on_device(row.device) for row in measurements() if row.device)
