"""The sentences: one for every view, made from the Result, and right about which way things went."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qtui.compute.formats import all_formats
from qtui.compute.quantizer.network import drift
from qtui.draw.glyphs import UNICODE
from qtui.draw.picture import text
from qtui.draw.quantizer.net import change
from qtui.draw.quantizer.scores import headline, tall_headline
from qtui.draw.quantizer.views import view_of
from qtui.draw.quantizer.words import cost
from qtui.scenario.quantizer.scenario import VIEWS, QuantizerScenario
from qtui.scenario.quantizer.solve import solve


def sentence_of(view: str, **settings: object) -> str:
    return view_of(view).sentence(solve(QuantizerScenario(view=view, **settings)))  # type: ignore[arg-type]


@pytest.mark.parametrize("view", VIEWS)
def test_a_sentence_fits_two_rows_of_80_columns(view: str) -> None:
    for settings in (
        {},
        {"format": ("float16",), "values": ("0",)},
        {"dist": "outliers", "size": 512, "format": ("Q4_K", "nf4", "float4_e2m1fn", "int4", "hadamard", "int8")},
    ):
        words = sentence_of(view, **settings)
        assert words.endswith(".") and 20 < len(words) <= 160, words
        assert "nan" not in words and "inf" not in words, words


def test_what_the_opening_says() -> None:
    result = solve(QuantizerScenario())
    assert text([headline(result, 80, UNICODE)]) == " 8.52 % average error with B int4:asym   18.0 % with A int4:sym"
    assert (
        view_of("map").sentence(result)
        == "B's marks stand 0.07 apart, A's 0.127, which reach past the numbers, to 0.89."
    )
    assert cost(result, 0)[0] == "A: 4 bits + 5.33 for the scale: a list of six is too short to share it."
    assert cost(result, 1)[1] == "B: 4 bits + 10.67 for scale and zero point: six are too few to share them."


@pytest.mark.parametrize(
    ("view", "values", "words"),
    [
        (
            "map",
            ("1", "1", "1"),
            "B's marks stand 0.0667 apart, A's 0.143: closer marks, but no smaller errors with these",
        ),
        ("map", ("0.1", "0.2", "-0.1", "100"), "closer marks, but no smaller errors"),
        ("table", ("0.1", "0.2", "-0.1", "100"), "an error of 100 %: of 4 numbers A 3; B 3."),
        ("line", ("0.1", "0.2"), "0.3 lies beyond the marks and is clipped: A keeps 0.2"),
        ("tile", ("0", "0"), "Every number comes back as it was"),
        ("bytes", ("0.5",), "in 1 byte, and"),
        ("outlier", ("0.5",), "The outlier is alone, with no neighbours to harm."),
        ("outlier", ("1", "1", "1", "1"), "yet no more neighbours fall on 0"),
        ("outlier", ("1e-30", "1e30", "-2e-12"), "too large to be kept apart"),
        ("smart", ("1e-30", "1e30", "-2e-12"), "Nothing beats plain rounding"),
        ("net", ("1e-30", "1e30", "-2e-12"), "The network gives 2e60, exact and as stored"),
    ],
)
def test_odd_numbers_are_not_told_what_holds_for_others(view: str, values: tuple[str, ...], words: str) -> None:
    assert words in sentence_of(view, values=values)


def test_numbers_that_come_back_as_they_were_are_exact() -> None:
    for values in (("1", "1"), ("0", "0")):
        result = solve(QuantizerScenario(values=values))
        assert text([headline(result, 80, UNICODE)]) == " exact with A int4:sym   exact with B int4:asym"
        assert text(tall_headline(result, 160, UNICODE, 0)).splitlines()[1].strip().startswith("┃ ┃ %")


def test_a_large_page_has_the_error_in_tall_figures() -> None:
    rows = text(tall_headline(solve(QuantizerScenario()), 160, UNICODE, 0)).splitlines()
    assert [row[:19].rstrip() for row in rows] == [" ┏━┓   ┏━╸ ╺━┓", " ┣━┫   ┗━┓ ┏━┛ %", " ┗━┛ . ╺━┛ ┗━╸"]
    assert rows[0].endswith("average error with B int4:asym") and rows[1].endswith(" 18.0 % with A int4:sym")
    assert rows[2].endswith(" A: 4 bits + 5.33 for the scale: a list of six is too short to share it.")


def test_many_numbers_are_judged_by_their_squares() -> None:
    result = solve(QuantizerScenario(dist="normal", size=512, format=("Q4_0", "Q8_0")))
    assert result.headline.measure == "rms" and result.headline.best == 1
    assert "RMS error with B Q8_0" in text([headline(result, 80, UNICODE)])
    assert cost(result, 0)[0] == "A: 4 bits + 0.5 for the scale: 32 weights share it."


@pytest.mark.parametrize(
    ("share", "flipped", "words"),
    [
        (0.0, False, "unchanged"),
        (0.1, False, "grew by 10.0 %"),
        (-0.25, False, "shrank by 25.0 %"),
        (1.5, True, "changed its sign, 150 % off"),
        (float("inf"), False, "no longer 0"),
    ],
)
def test_the_words_for_a_change(share: float, flipped: bool, words: str) -> None:
    assert change(share, flipped) == words


def test_a_negative_output_that_is_farther_from_0_grew() -> None:
    for value, way in ((2.0, "shrank by 34.1 %"), (-2.0, "shrank by 34.1 %")):
        assert f"A 0.129 ({way})" in sentence_of("net", input=value).replace("-0.129", "0.129")
    run = drift((1, 1), -1.0, [0.5], [[0.6], [0.4], [-0.1]])  # type: ignore[arg-type, list-item]
    assert run.exact.output == -0.5
    assert run.shares == pytest.approx((0.2, -0.2, 1.2)) and run.flipped == (False, False, True)


def test_every_format_can_say_what_its_scales_cost() -> None:
    base = solve(QuantizerScenario(dist="normal", size=256))
    for fmt in (fmt.name for fmt in all_formats() if fmt.can_encode):
        result = solve(replace(base.scenario, format=(fmt,)))
        scheme = result.schemes[0]
        assert scheme.code_bits + scheme.shared_bits == pytest.approx(scheme.bits)
        assert cost(result, 0)[0].startswith("A: ") and cost(result, 0)[0].endswith(".")
