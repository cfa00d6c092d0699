"""The Bits Scenario: what it solves to, and what the pane's keys make of it."""

from dataclasses import replace
from fractions import Fraction

import pytest

from qtui.compute.data import draw
from qtui.compute.errors.accumulate import error_stats
from qtui.compute.floats.facts import NotANumber, nan_of
from qtui.compute.floats.real import Real
from qtui.compute.floats.table import number_format, number_formats
from qtui.compute.formats import get_format
from qtui.scenario.base import UserError, from_json, to_json
from qtui.scenario.bits.moves import at_code, flipped, in_format, moved
from qtui.scenario.bits.plots import solve_all, with_plot
from qtui.scenario.bits.scenario import BitsScenario
from qtui.scenario.bits.solve import solve
from qtui.scenario.bits.tables import E2M1, nudged, table_of, with_value, without


def test_a_tenth_in_bfloat16() -> None:
    result = solve(BitsScenario("0.1", "bfloat16"))
    assert (result.code, result.stored.kind) == (0x3DCD, "normal")
    fields = result.fields
    assert (fields.exponent_field, fields.exponent, fields.mantissa_field) == (123, -4, 77)
    assert fields.significand == 1 + Fraction(77, 128)
    assert result.previous is not None and result.next is not None and result.ulp == Fraction(1, 2048)
    assert (result.previous.code, result.next.code) == (0x3DCC, 0x3DCE) and result.next.ulps == 1
    assert not result.stored.exact and result.stored.absolute_error == Fraction(1, 10240)
    assert result.stored.relative_error == Fraction(1, 1024) and result.stored.ulp_error == Fraction(1, 5)
    interval = result.stored.reals
    assert interval is not None and interval.holds(Fraction(1, 10)) and not interval.low_in


def test_an_expression_is_exact_and_its_steps_are_not() -> None:
    result = solve(BitsScenario("0.1+0.2", "float64"))
    assert result.entered == Real(Fraction(3, 10))
    assert result.format.real(result.code).to_float() == 0.3
    assert result.step_by_step is not None and result.step_by_step.real.to_float() == 0.1 + 0.2
    assert result.step_by_step.codes_above == 1
    assert solve(BitsScenario("1+2", "float64")).step_by_step is None
    assert solve(BitsScenario("1/(10**-30+10**-30)", "float4_e2m1fn")).step_by_step is None


def test_every_named_format_and_the_design_are_compared() -> None:
    result = solve(BitsScenario("500", "float:e=3,m=2", all=True))
    assert result.view == "all"
    by_name = {stored.format.name: stored for stored in result.conversions}
    assert next(iter(by_name)) == "float:e=3,m=2" and len(by_name) == 1 + len(number_formats())
    assert by_name["float8_e4m3fn"].note == "overflow to NaN" and by_name["float8_e5m2"].note == ""
    assert by_name["float4_e2m1fn"].note == "beyond the range: clamped" and by_name["float32"].exact
    assert solve(BitsScenario("500", "fp8", saturate=True)).stored.real == Real(Fraction(448))
    assert solve(BitsScenario("-1", "e8m0")).stored.note == "only positive numbers: NaN"
    assert solve(BitsScenario("nan", "int8")).stored.note == "there is no NaN: stored as a number"
    assert solve(BitsScenario("-0", "float8_e4m3fnuz")).stored.note == "the sign of zero is lost"


@pytest.mark.parametrize(
    ("value", "spec", "rounding", "note"),
    [
        ("6.9", "float4_e2m1fn", "nearest-even", ""),  # rounds to 6, as it would without an end
        ("7.1", "float4_e2m1fn", "nearest-even", "beyond the range: clamped"),
        ("6.9", "float4_e2m1fn", "up", "beyond the range: clamped"),
        ("7.9", "float4_e2m1fn", "toward-zero", ""),
        ("500", "float8_e4m3fn", "toward-zero", "beyond the range: clamped"),
        ("460", "float8_e4m3fn", "nearest-even", ""),
        ("127.4", "int8", "nearest-even", ""),
        ("127.6", "int8", "nearest-even", "beyond the range: clamped"),
        ("-0.3", "uint8", "nearest-even", "rounds to zero"),
        ("-3", "uint8", "nearest-even", "there is no sign: clamped"),
        ("1.01", "nf4", "nearest-even", "beyond the range: clamped"),
    ],
)
def test_only_what_is_clamped_is_called_clamped(value: str, spec: str, rounding: str, note: str) -> None:
    assert solve(BitsScenario(value, spec, rounding=rounding)).stored.note == note
    assert solve(BitsScenario(value, spec, rounding=rounding, saturate=True)).stored.note == note


def test_flipping_and_changing_the_format() -> None:
    start = BitsScenario("1", "float16")
    result = solve(start)
    minus = flipped(start, result.format, result.code, 15)
    assert minus.value == "-1" and solve(minus).stored.real == Real(Fraction(1), True)
    assert flipped(start, result.format, result.code, 15, to=0).value == "1"
    assert flipped(start, result.format, result.code, 0).value == "1.0009765625"
    assert flipped(start, result.format, 1, 1).value == "0x0003"  # a long decimal, so the code
    # A code keeps its value, not its bits, in another format.
    assert in_format(minus, "E4M3") == BitsScenario("-1", "float8_e4m3fn")
    assert in_format(BitsScenario("1/3", "float16"), "bf16").value == "1/3"
    tiny = in_format(at_code(BitsScenario(format="float64"), solve(BitsScenario(format="float64")).format, 1), "bf16")
    assert tiny.value == "0x1p-1074"
    with pytest.raises(UserError, match="did you mean"):
        in_format(start, "floot16")


def test_moving_writes_the_number_exactly() -> None:
    for text, value in (
        ("0.125", Fraction(1, 8)),
        ("-3.2", Fraction(-16, 5)),
        ("40", Fraction(40)),
        ("0", Fraction(0)),
    ):
        assert moved(BitsScenario(), value).value == text
    assert moved(BitsScenario(), Fraction(1, 3)).value == "1/3"
    assert solve(moved(BitsScenario(), Fraction(1, 3**40))).entered.value == Fraction(1, 3**40)


def test_what_one_view_shows_is_there_for_that_view() -> None:
    result = solve(BitsScenario("0.1"))
    assert result.conversions == result.table == result.trades == result.ticks == ()
    assert result.density is None and result.sine is None
    whole = solve_all(BitsScenario("0.1", view="density"))
    assert (
        len(whole.conversions) == len(number_formats())
        and whole.density is not None
        and len(whole.density.counts) == 64
    )


def test_ticks_density_and_sine() -> None:
    scenario = BitsScenario("1.2", "float4_e2m1fn", low="-6", high="6", stack=("float8_e4m3fn",), view="line")
    first, second = with_plot(solve(scenario), 24).ticks
    assert sum(first.counts) == 15 and first.stored.real == Real(Fraction(1)) and first.gap == Fraction(1, 2)
    values = {second.stored.format.real(code).to_float() for code in range(256)}
    assert sum(second.counts) == sum(-6 <= value <= 6 for value in values) and second.gap == Fraction(1, 8)
    density = with_plot(solve(replace(scenario, view="density")), 12).density
    assert density is not None and density.up_to[-1] == 16
    assert density.inside == density.total == 16 and sum(density.counts) == 16
    waves = BitsScenario("1", "float4_e2m1fn", zoom="30", stack=("int4", "float32"), view="sine")
    wave = with_plot(solve(waves), 50).sine
    assert wave is not None
    assert [w.format.name if w.format else "" for w in wave.waves] == ["", "float4_e2m1fn", "int4", "float32"]
    assert wave.waves[1].at == 1.0 and set(wave.waves[2].values) == {1.0} and len(wave.x) == 50
    assert abs(wave.high - wave.low - 2 / 30) < 1e-12


@pytest.mark.parametrize(
    ("scenario", "problem"),
    [
        (BitsScenario("1e999999999"), "beyond"),
        (BitsScenario("1", "float17"), "did you mean"),
        (BitsScenario("1", "q8_0"), "Q8_0 stores blocks of 32"),
        (BitsScenario("0x100", "fp8"), "9 bits"),
        (BitsScenario(low="3", high="1"), "lower end first"),
        (BitsScenario(low="inf"), "finite"),
        (BitsScenario(low="one"), "not understood"),
        (BitsScenario(low="0x10"), "finite"),
        (BitsScenario(high="1e4000"), "within"),
        (BitsScenario(low="1e-4000"), "finer"),
        (BitsScenario(stack=("float16", "nope99")), "no number format"),
    ],
)
def test_bad_input_is_told(scenario: BitsScenario, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        solve(scenario)


def test_round_trip() -> None:
    scenario = BitsScenario("-1/3", "fp8", rounding="up", saturate=True, view="line", stack=("int4",), low="-2")
    assert from_json(BitsScenario, to_json(scenario)) == scenario


def test_the_usual_interval_holds_the_value() -> None:
    for value, reach in (("0.1", 8), ("8", 8), ("64", 128), ("-300", 512), ("nan", 8), ("1e400", 8)):
        assert solve(BitsScenario(value, view="line")).interval == (-reach, reach)
    assert solve(BitsScenario("64", view="line", high="3")).interval == (-128, 3)
    assert solve(BitsScenario(view="density")).interval == (-10, 10)


@pytest.mark.parametrize(
    ("fmt", "code", "negative", "signalling", "payload"),
    [
        ("float32", 0x7FC00000, False, False, 0),
        ("float32", 0x7F800001, False, True, 1),
        ("float32", 0xFFC0BEEF, True, False, 0xBEEF),
        ("float16", 0xFD01, True, True, 0x101),
        ("bfloat16", 0x7FC1, False, False, 1),
        ("float8_e5m2", 0x7D, False, True, 1),
        ("float8_e4m3fn", 0xFF, True, None, None),
        ("float8_e4m3fnuz", 0x80, None, None, None),
        ("float8_e8m0fnu", 0xFF, None, None, None),
    ],
)
def test_what_the_bits_of_a_nan_say(
    fmt: str, code: int, negative: bool | None, signalling: bool | None, payload: int | None
) -> None:
    assert solve(BitsScenario(f"0x{code:x}", fmt)).fields.nan == NotANumber(negative, signalling, payload)


def test_every_nan_and_nothing_else_says_what_it_is() -> None:
    for fmt in number_formats():
        if fmt.bits <= 8:
            for code in range(1 << fmt.bits):
                assert (nan_of(fmt, code) is not None) == (fmt.real(code).kind == "nan")


def test_a_table_of_ones_own_is_a_format_everywhere() -> None:
    fmt = number_format("codebook:-1,0,0.25,1,block=32")
    assert fmt.name == "codebook:values=-1/0/0.25/1,block=32" == get_format("codebook:-1,0,0.25,1,block=32").name
    assert fmt.bits == 2 and fmt.real(2) == Real(Fraction(1, 4))
    assert solve(BitsScenario("0.2", fmt.name)).stored.real == Real(Fraction(1, 4))
    with pytest.raises(UserError, match="no option of codebook"):
        solve(BitsScenario("0.2", "codebook:-1,0,x"))


def test_tables_are_tried_on_the_same_weights() -> None:
    scenario = BitsScenario("2.4", "float4_e2m1fn", view="codebook")
    view = with_plot(solve(scenario), 40).codebook
    assert view is not None
    own, e2m1, nf4, iq4 = view.tables
    assert (view.spare, len(own.values), view.nearest) == (1, 15, 11) and own.sqnr_db == e2m1.sqnr_db
    assert own.sqnr_db < nf4.sqnr_db < iq4.sqnr_db and sum(view.spread) == view.weights == 8192
    assert sum(own.shares) == pytest.approx(1) and max(own.scaled) == 1
    better = with_plot(solve(with_value(scenario, 15, "2.5")), 40).codebook
    assert better is not None and better.spare == 0
    assert 0.4 < better.tables[0].sqnr_db - own.sqnr_db < 0.6
    # The same as the storage format gives on its own.
    weights = draw("normal", 8192)[None]
    stored = get_format(better.tables[0].spec)
    assert stored.bits_per_weight == 4.5
    assert error_stats(weights, stored.codec.decode(stored.codec.encode(weights))).rmse == better.tables[0].rmse


def test_edits_of_a_table() -> None:
    scenario = BitsScenario(format="nf4", view="codebook")
    with pytest.raises(UserError, match="four bits count 16"):
        with_value(scenario, 16, "0.3")
    with pytest.raises(UserError, match="not a number"):
        with_value(scenario, 0, "one")
    assert len(table_of(without(scenario, 3))) == 15
    moved_up = nudged(BitsScenario(format="codebook:0,1,2"), 1, 10)
    assert table_of(moved_up) == (0, 1.2, 2) and nudged(moved_up, 1, 50) == moved_up
    assert table_of(BitsScenario(format="float32")) == E2M1 and table_of(BitsScenario(format="int4"))[0] == -8
    two = BitsScenario(format="codebook:0,1")
    with pytest.raises(UserError, match="two values"):
        without(two, 0)


def test_how_many_digits_hold() -> None:
    assert solve(BitsScenario("0.1")).stored.digits == pytest.approx(7.83, abs=0.01)
    assert solve(BitsScenario("1.5")).stored.digits is None and solve(BitsScenario("0.1", "int8")).stored.digits == 0


def test_the_close_up_holds_the_value_and_stands_still() -> None:
    close = with_plot(solve(BitsScenario("1.3", view="line")), 40).close
    near = with_plot(solve(BitsScenario("1.31", view="line")), 40).close
    assert close is not None and near is not None and close.interval == near.interval == (1, 2)
    assert len(close.ticks) == 5 and with_plot(solve(BitsScenario("inf", view="line")), 40).close is None


def test_what_breaks_inside_is_no_mistake_of_the_person(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr("qtui.scenario.bits.solve.power_of_two", broken)
    with pytest.raises(ValueError, match="a defect") as raised:
        solve(BitsScenario("12345.678"))
    assert not isinstance(raised.value, UserError)
