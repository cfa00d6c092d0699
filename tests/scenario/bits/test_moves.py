"""What keys make of a Bits Scenario, in every format."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtui.compute.floats import exact
from qtui.compute.floats.facts import special_codes
from qtui.compute.floats.table import number_format, number_formats
from qtui.scenario.base import UserError
from qtui.scenario.bits import moves
from qtui.scenario.bits.scenario import BitsScenario
from qtui.scenario.bits.solve import solve

NAMES = [fmt.name for fmt in number_formats()] + ["float:e=0,m=7,special=none", "float:e=4,m=3,special=p3109"]


def code_of(scenario: BitsScenario) -> int:
    return solve(scenario).code


@pytest.mark.parametrize("name", NAMES)
def test_special_values_are_reached_both_ways_round(name: str) -> None:
    fmt = number_format(name)
    wanted = set(special_codes(fmt).values())
    for direction in (1, -1):
        scenario, seen = BitsScenario("1", name), set()
        for _ in range(len(wanted) + 2):
            scenario = moves.at_special(scenario, direction)
            seen.add(code_of(scenario))
        assert seen == wanted


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(NAMES), st.integers(0, 2**64 - 1))
def test_a_step_up_and_down_comes_back(name: str, number: int) -> None:
    fmt = number_format(name)
    start = moves.at_code(BitsScenario(format=name), fmt, number % (1 << fmt.bits))
    here = solve(start)
    there = moves.neighbouring(start, 1)
    if here.next is not None and here.stored.real.finite and fmt.code_at(fmt.ordinal(here.code) or 0) == here.code:
        assert solve(there).stored.real.to_float() >= here.stored.real.to_float()
        back = solve(moves.neighbouring(there, -1)).stored.real
        assert back.kind == "finite" and back.value == here.stored.real.value
    for move in (moves.negated, lambda s: moves.scaled(s, 1), lambda s: moves.jumped(s, Fraction(1, 64))):
        assert 0 <= code_of(move(start)) < 1 << fmt.bits
    assert code_of(moves.at_share(start, Fraction(0))) == fmt.code_at(exact.ends(fmt)[0])
    assert code_of(moves.at_share(start, Fraction(1))) == fmt.code_at(exact.ends(fmt)[1])


def test_doubling_stops_at_the_largest_value() -> None:
    scenario = BitsScenario("300", "float8_e4m3fn")
    assert solve(moves.scaled(scenario, 1)).stored.real.value == 448
    assert solve(moves.scaled(BitsScenario("nan", "float16"), 1)).stored.kind == "nan"


def test_the_cursor_stays_on_the_line_and_zoom_keeps_it_in_place() -> None:
    scenario = BitsScenario("0.5", "float16", view="line")
    assert float(moves.in_interval(scenario, 80, 1).value) == pytest.approx(0.7)
    assert moves.in_interval(scenario, 80, 1000).value == "8"
    assert moves.in_interval(BitsScenario("nan", "float16"), 80, 0).value == "0"
    low, high = solve(moves.zoomed(scenario, Fraction(1, 2))).interval
    assert high - low == 8 and (Fraction(1, 2) - low) / (high - low) == Fraction(17, 32)
    narrow = scenario
    for _ in range(400):
        narrow = moves.zoomed(narrow, Fraction(1, 2))
    low, high = solve(narrow).interval
    assert low < high and low <= Fraction(1, 2) <= high
    wide = scenario
    for _ in range(400):
        wide = moves.zoomed(wide, Fraction(2))
    low, high = solve(wide).interval
    assert 2**130 < high - low < 2**141


def test_redesigning_follows_the_usual_bias_and_refuses_what_is_none() -> None:
    scenario = moves.redesigned(BitsScenario("1", "float16"), "exponent", 1)
    assert scenario.format == "float:e=6,m=10" and solve(scenario).facts.bias == 31
    assert moves.redesigned(BitsScenario("1", "int8"), "mantissa", 1).format == "float:e=4,m=4,special=fn"
    assert moves.redesigned(scenario, "sign", 1).format == "float:e=6,m=10,s=0"
    assert moves.redesigned(scenario, "special", -1).format == "float:e=6,m=10,special=none"
    with pytest.raises(UserError, match="0-15"):
        moves.redesigned(scenario, "exponent", 20)


def test_the_sine_moves_and_zooms() -> None:
    scenario = BitsScenario("1", "float16", view="sine")
    assert float(moves.along_sine(scenario, Fraction(1, 2)).value) == pytest.approx(4.1416, abs=1e-3)
    assert float(moves.at_sine(scenario, Fraction(1, 4)).value) == pytest.approx(1.5708, abs=1e-3)
    assert moves.next_zoom(moves.next_zoom(moves.next_zoom(scenario, 1), 1), 1).zoom == "200"
    assert moves.next_zoom(scenario, -1).zoom == "1"


def test_the_interval_does_not_jump_under_the_cursor() -> None:
    scenario = BitsScenario("64", "float16", view="line")
    moved = moves.in_interval(scenario, 80, -1)
    assert solve(moved).entered.value < 64 and solve(moved).interval == (-128, 128)
    assert moves.in_interval(BitsScenario("4", view="line"), 80, 1).low == ""
    down = moves.steady(scenario, moves.neighbouring(scenario, -1))
    assert solve(down).interval == (-128, 128)


def test_a_flipped_bit_is_shown_as_a_number_where_that_is_short() -> None:
    fmt = number_format("float32")
    flipped = moves.flipped(BitsScenario("1.5", "float32"), fmt, 0x3FC00000, 1)
    assert flipped.value == "1.5000002384185791015625" and code_of(flipped) == 0x3FC00002
    assert moves.flipped(flipped, fmt, 1, 1).value == "0x00000003"
