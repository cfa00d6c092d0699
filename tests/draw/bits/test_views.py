"""Drawings of the Bits pane: whole, inside their size, in ASCII when asked."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtui.compute.floats.table import number_format, number_formats
from qtui.compute.floats.text import exact_decimal
from qtui.draw.bits.axis import axis, nice_ticks
from qtui.draw.bits.headline import large
from qtui.draw.bits.inspect import digits as all_digits
from qtui.draw.bits.inspect import picture as inspector
from qtui.draw.bits.inspect import slider_share
from qtui.draw.bits.row import bit_line, bit_places, bits_picture
from qtui.draw.bits.text import aligned, exact_or_near, power_name
from qtui.draw.bits.words import drawing, picture_rows, printed_columns, sentence, view_of
from qtui.draw.bits.words import printed as in_print
from qtui.draw.glyphs import ASCII, UNICODE
from qtui.draw.picture import Picture, text, width
from qtui.scenario.bits.plots import with_plot
from qtui.scenario.bits.scenario import VIEWS, BitsScenario
from qtui.scenario.bits.solve import solve

NAMES = [fmt.name for fmt in number_formats()] + [
    "float:e=15,m=112",
    "float:e=0,m=7,special=none",
    "float:e=5,m=0,s=0",
]


def printed(scenario: BitsScenario, cells: int) -> Picture:
    """What the command line prints in `cells` columns."""
    result = solve(scenario)
    return in_print(with_plot(result, printed_columns(result, cells)), cells, UNICODE)


VALUES = ["0.1", "-1/3", "1e400", "-0", "nan", "0x1", "0b1", "2**-150", "448", "1e5000"]


@given(st.integers(1, 128), st.integers(20, 210))
def test_every_bit_has_a_place_of_its_own(bits: int, room: int) -> None:
    places = bit_places(bits, room)
    assert sorted(bit for row in places.rows for bit in row) == list(range(bits))
    taken = set()
    for number, row in enumerate(places.rows):
        for bit in row:
            x = places.x(bit)
            assert x >= 0 and x + places.cell <= room
            assert {places.bit_at(number, x + i) for i in range(places.cell)} == {bit}
            taken |= {(number, x + i) for i in range(places.cell)}
    assert len(taken) == bits * places.cell


def test_float64_takes_one_row_of_eighty_cells() -> None:
    places = bit_places(64, 80)
    assert len(places.rows) == 1
    rows = text(bits_picture(number_format("float64"), 1 << 63 | 1, places, UNICODE)).splitlines()
    assert rows[1].replace(" ", "") == "1" + "0" * 62 + "1" and len(rows) == 4
    assert rows[2].startswith("s└") and rows[3].replace(" ", "") == "8" + "0" * 14 + "1"
    assert [bit_line(places, y) for y in (0, 1, 3, 4)] == [0, 0, 0, None]


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(NAMES),
    st.sampled_from(VALUES),
    st.integers(40, 200),
    st.integers(8, 60),
    st.sampled_from([ASCII, UNICODE]),
    st.sampled_from(["nearest-even", "up", "stochastic"]),
)
def test_drawings_stay_inside_their_width(
    name: str, value: str, w: int, h: int, glyphs: object, rounding: str
) -> None:
    for view in VIEWS:
        result = solve(BitsScenario(value, name, rounding=rounding, view=view))
        plot = view_of(view).plot_columns(result, w, picture_rows(h))
        picture = drawing(with_plot(result, plot), w, h, glyphs, 2)
        assert all(width(row) <= w for row in picture)
        if glyphs is ASCII:
            assert text(picture).isascii()


@pytest.mark.parametrize("view", VIEWS)
def test_the_command_line_prints_every_view(view: str) -> None:
    picture = printed(BitsScenario("0.3", "float8_e4m3fn", view=view), 80)
    assert len(picture) > 5 and all(width(row) <= 80 for row in picture)


def test_subnormal_form_of_the_formula() -> None:
    shown = text(inspector(solve(BitsScenario("0x0003", "bfloat16")), 80, 30, ASCII, 0))
    assert "(-1)^0 x (0 + 3/128) x 2^(1-127)" in shown and "0.0000011 x 2^-126" in shown and "subnormal" in shown


def test_the_exponent_is_told_as_stored_and_as_how_far_it_reaches() -> None:
    for value, message in (
        ("0.1", "123 means 2^-4   how far: from 0.0625 to 0.125"),
        ("1e-40", "0 means 2^-126, the smallest; no leading 1"),
        ("inf", "255, kept for infinity"),
    ):
        assert message in text(inspector(solve(BitsScenario(value)), 80, 24, UNICODE, 0))


def test_the_headline_is_the_value_and_says_how_good_it_is() -> None:
    for value, message in (
        ("1.5", "1.5   ✓ stored exactly"),
        ("0.1", "0.100000001490116119384765625   ≈ not 0.1: 1.49e-09 too high, 1.49e-06 %, 0.2 ulp"),
        ("-0.1", "-0.100000001490116119384765625   ≈ not -0.1: 1.49e-09 too low, 1.49e-06 %, 0.2 ulp"),
        ("0x1", "e-45  105 digits in all   ✓ the value of this code"),
        ("1e99", "inf   ✗ overflow to infinity"),
    ):
        assert text(inspector(solve(BitsScenario(value)), 90, 24, UNICODE, 0)).splitlines()[0].endswith(message), (
            value
        )
    tall = text(inspector(solve(BitsScenario("1.5")), 120, 34, UNICODE, 0)).splitlines()
    assert tall[0].startswith(text(large("1.5", UNICODE)).splitlines()[0]) and "asked for 1.5" in tall[1]
    assert {width(row) for row in large("-1.5e+38", ASCII)} == {28}


def test_long_decimals_are_cut_or_whole() -> None:
    result = solve(BitsScenario("0x1", "float64"))
    assert "751 digits in all" in text(inspector(result, 80, 24, ASCII, 0))
    rows = text(all_digits(result, 80, ASCII, "x")).splitlines()
    first = next(i for i, row in enumerate(rows) if row.startswith("value"))
    last = next(i for i, row in enumerate(rows) if row.startswith("shortest"))
    digits = "".join(row[10:] for row in rows[first:last])
    assert digits == exact_decimal(result.stored.real) and len(digits) == 757


def test_what_overflows_to_nan_is_told() -> None:
    assert "larger than 464 in size overflow to NaN" in text(
        inspector(solve(BitsScenario("500", "fp8")), 80, 40, ASCII, 0)
    )
    assert "round here: none" in text(inspector(solve(BitsScenario("nan", "float16")), 80, 40, ASCII, 0))


def test_the_slider_is_found_by_the_mouse() -> None:
    picture = inspector(solve(BitsScenario("0", "int8")), 80, 40, UNICODE, 0)
    y = next(i for i, row in enumerate(picture) if row and row[0][0].startswith("position"))
    assert slider_share(picture, y, 0) == 0 and slider_share(picture, y, 79) == 1
    assert slider_share(picture, 0, 20) is None and slider_share(picture, 99, 20) is None


@given(st.fractions(-1000, 1000), st.fractions(Fraction(1, 1000), 1000), st.integers(1, 20))
def test_ticks_are_few_round_and_inside(low: Fraction, span: Fraction, most: int) -> None:
    ticks = nice_ticks(low, low + span, most)
    assert len(ticks) <= most and all(low <= tick <= low + span for tick in ticks)
    assert len(nice_ticks(low, low + span, 10)) >= 2
    rule, numbers = axis(low, low + span, 60, UNICODE, 5)
    assert width(rule) == 65 and width(numbers) <= 65


def test_names_of_numbers() -> None:
    assert [power_name(Fraction(1, 8)), power_name(Fraction(1)), power_name(Fraction(3))] == ["2^-3", "2^0", ""]
    assert exact_or_near(Fraction(1, 4), 10, UNICODE) == "0.25"
    assert (
        exact_or_near(Fraction(1, 3), 8, UNICODE) == "≈0.33333" and exact_or_near(Fraction(1, 5), 8, ASCII) == "0.2"
    )


def test_points_stand_below_each_other() -> None:
    assert aligned(["1.5", "448", "0.001", "1.2e-38", "inf"]) == [
        *("  1.5    ", "448      ", "  0.001  ", "  1.2e-38", "inf      "),
    ]


def test_a_stored_value_never_looks_exact_when_it_is_not() -> None:
    for w in (80, 120):
        rows = text(printed(BitsScenario("0.1", "float64", view="all"), w)).splitlines()
        row = next(row for row in rows if row[3:10] == "float64")
        assert row.split()[:3] == ["≈", "float64", "0.10000000000000001" if w == 80 else "0.100000000000000006"]
    assert "…" not in text(printed(BitsScenario("-1/3", "float64", view="all"), 80))


def test_all_formats_say_by_how_much_and_how_many_are_exact() -> None:
    shown = text(printed(BitsScenario("0.1", view="all"), 80))
    assert "exact in 0 of 10 usual formats" in shown and "✗" not in shown and "1.49e-09" in shown
    assert f"{len(number_formats()) - 10} more formats" in shown and "tf32" not in shown
    assert "exact in 6 of these 10 formats" in text(printed(BitsScenario("1.5", view="all"), 80))
    assert "tf32" in text(printed(BitsScenario("0.1", view="all", all=True), 80))


def test_the_curves_of_the_sine_have_a_plot_each() -> None:
    shown = text(printed(BitsScenario("1", "float4_e2m1fn", view="sine"), 80))
    for name in ("float4_e2m1fn", "float32", "bfloat16", "float16", "float8_e4m3fn"):
        assert f"{name}  " in shown
    assert "leaves it by up to" in shown


@pytest.mark.parametrize("wide", [80, 100])
@pytest.mark.parametrize("spec", ["float32", "float64", "float16", "float8_e4m3fn"])
@pytest.mark.parametrize("value", ["0.1", "0", "nan", "inf", "-1e-9"])
@pytest.mark.parametrize("view", ["inspect", "density", "design"])
def test_eighty_columns_cut_nothing(view: str, value: str, spec: str, wide: int) -> None:
    assert UNICODE.ellipsis not in text(printed(BitsScenario(value, spec, view=view), wide))


def test_neighbours_of_a_wide_float_are_not_shown_as_equal_to_it() -> None:
    rows = text(printed(BitsScenario("5", "float128"), 80)).splitlines()
    around = [row.split()[1] for row in rows if row.startswith(("previous  ", "next   "))]
    assert around == ["≈5", "≈5"] and rows[1].startswith("5 ")


def test_decades_are_logarithms() -> None:
    rows = text(printed(BitsScenario("0.1", "float32", view="design"), 80)).splitlines()
    decades = next(row for row in rows if row.startswith("decades")).split()[1:]
    assert decades[0] == f"{math.log10((2 - 2**-23) * 2**127) - math.log10(2**-149):.1f}" == "83.4"


def test_digits_that_are_guaranteed_are_told_from_those_that_usually_hold() -> None:
    row = next(
        row
        for row in all_digits(solve(BitsScenario("0.1")), 80, UNICODE, "x")
        if row[:1] == (("value     ", "label"),)
    )
    assert row[1:] == (("0.100000", "strong"), ("001490116119384765625", ""))
    for name, digits in (
        ("float32", "6 guaranteed, 7 usual"),
        ("float64", "15 guaranteed, 15 usual"),
        ("float16", "3 guaranteed, 3 usual"),
    ):
        assert digits in text(all_digits(solve(BitsScenario("0.1", name)), 80, UNICODE, "x"))


@pytest.mark.parametrize(
    ("fmt", "code", "message"),
    [
        ("float32", "0xffbfffff", "not a number: signalling, sign -, payload 0x3fffff"),
        ("float8_e4m3fn", "0x7f", "not a number: sign +"),
        ("float8_e4m3fnuz", "0x80", "not a number"),
        ("float16", "inf", "infinity, which has a code of its own"),
    ],
)
def test_what_a_code_without_a_value_is_for(fmt: str, code: str, message: str) -> None:
    rows = text(printed(BitsScenario(code, fmt), 60)).splitlines()
    assert f"          {message}" in rows


@pytest.mark.parametrize(
    ("value", "name", "view", "words"),
    [
        ("inf", "float32", "inspect", "this one is infinity"),
        ("inf", "float32", "line", "no place on a line of numbers"),
        ("nan", "int8", "inspect", "no nan, so 0 is stored"),
        ("1e40", "int8", "inspect", "no further than 127"),
        ("-7", "nf4", "line", "no further than -1"),
        ("2", "uint8", "line", "even steps, from 0 to 255"),
        ("2", "uint8", "density", "evenly spread"),
        ("2", "float8_e3m4", "design", "moved to the exponent they buy 5.1"),
        ("2", "float8_e8m0fnu", "design", "moved to the mantissa"),
    ],
)
def test_a_sentence_is_true_of_odd_values_and_formats(value: str, name: str, view: str, words: str) -> None:
    assert words in sentence(with_plot(solve(BitsScenario(value, name, view=view)), 40))


def test_the_sine_is_as_far_off_in_a_small_window_as_in_a_large_one() -> None:
    result = solve(BitsScenario("0.1", view="sine"))
    small, large = (with_plot(result, columns).sine for columns in (18, 50))
    assert small is not None and large is not None
    for one, other in zip(small.waves[1:], large.waves[1:], strict=True):
        assert one.off == pytest.approx(other.off, rel=0.1)
