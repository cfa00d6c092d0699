"""What the Quantizer's keys change: options of formats, kinds of numbers, links."""

import random
from dataclasses import replace

import pytest

from qtui.compute.formats import all_formats, get_format
from qtui.scenario.base import UserError
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.quantizer import edit
from qtui.scenario.quantizer.data import kind_of
from qtui.scenario.quantizer.entries import offered
from qtui.scenario.quantizer.links import errors_link, memory_link
from qtui.scenario.quantizer.scenario import VIEWS, QuantizerScenario
from qtui.scenario.quantizer.solve import solve

CHOICES = ("bits", "range", "block", "scale", "clip", "rounding")


@pytest.mark.parametrize(
    ("spec", "what", "by", "gives"),
    [
        ("int4", "bits", 1, "int5"),
        ("int8", "bits", 1, "int8"),
        ("int1", "bits", -1, "int1"),
        ("int4:asym", "range", 1, "int4"),
        ("int4", "block", -1, "int4:block=1024,scale=fp16"),
        ("int4:block=32,scale=e8m0", "block", 1, "int4:block=64,scale=e8m0"),
        ("int4:block=1024,scale=fp16", "block", 1, "int4"),
        ("int4", "clip", -1, "int4:clip=kl"),
        ("Q4_0", "bits", 1, "Q4_K"),
        ("nf4", "block", 1, "nf4:block=128"),
        ("nf4", "scale", -1, "nf4:double"),
        ("mx_fp4", "scale", 1, "mx_fp4:scale=ceil"),
        ("float8_e4m3fn", "clip", 1, "float8_e4m3fn:saturate"),
        ("float8_e4m3fn", "rounding", 1, "float8_e4m3fn:round=nearest-away"),
        ("gptq", "bits", -1, "gptq:bits=3"),
        ("hqq", "block", 1, "hqq:block=128"),
    ],
)
def test_an_option_turned(spec: str, what: str, by: int, gives: str) -> None:
    assert edit.turned_option(spec, what, by) == gives


@pytest.mark.parametrize("fmt", [fmt.name for fmt in all_formats()])
def test_options_turned_at_random_lead_to_formats_or_to_a_reason(fmt: str) -> None:
    dice = random.Random(fmt)
    for _ in range(40):
        try:
            fmt = edit.turned_option(fmt, dice.choice(CHOICES), dice.choice((-1, 1)), dice.choice((1, 2)))
        except UserError as reason:
            assert len(str(reason)) > 20
        else:
            assert get_format(fmt).name == fmt


def test_a_combination_that_there_is_not_is_refused_with_its_reason() -> None:
    with pytest.raises(UserError, match="int2:rule=torchao works"):
        edit.turned_option("int2:rule=torchao", "bits", -1)


def test_options_turn_back() -> None:
    for what in ("range", "block", "scale", "clip"):
        spec = "int4:asym,block=64,scale=fp16"
        assert edit.turned_option(edit.turned_option(spec, what, 1), what, -1) == spec


def test_schemes_are_added_changed_and_removed() -> None:
    scenario = QuantizerScenario(format=("int4",))
    assert edit.with_format(scenario, 0, "Q8_0") == {"format": ("Q8_0",)}
    assert edit.with_format(scenario, 1, "Q8_0") == {"format": ("int4", "Q8_0")}
    with pytest.raises(UserError, match="least"):
        edit.with_format(scenario, 0, "")
    with pytest.raises(UserError, match="most"):
        edit.with_format(replace(scenario, format=("int4",) * 6), 6, "int8")


def test_kinds_of_numbers() -> None:
    scenario = QuantizerScenario(values=("1", "2"), at=1)
    assert kind_of(scenario) == "typed"
    drawn = replace(scenario, **edit.with_kind("laplace"))
    assert kind_of(drawn) == "laplace" and drawn.values == () and drawn.at == 0
    assert kind_of(replace(drawn, **edit.with_kind("essay"))) == "essay"
    assert kind_of(replace(scenario, **edit.with_text("/some/model.gguf"))) == "file"
    assert edit.with_text("1, 2 3")["values"] == ("1", "2", "3")
    with pytest.raises(UserError, match="type the path"):
        edit.with_kind("file")


@pytest.mark.parametrize("view", VIEWS)
def test_arrows_stay_inside(view: str) -> None:
    start = QuantizerScenario(dist="normal", size=64, view=view, format=("int4:block=32,scale=fp16",))
    result = solve(start)
    for by in (-100, -1, 1, 100):
        changed = replace(start, **edit.moved(start, result, by))
        assert solve(changed).at in range(64)
    for last in (False, True):
        changed = replace(start, **edit.moved_to_end(start, result, last))
        again = edit.moved_to_end(changed, solve(changed), last)
        assert replace(changed, **again) == changed


def test_links_carry_the_format_and_the_numbers() -> None:
    scenario = QuantizerScenario(dist="laplace", seed=3, format=("q4_k", "int4"))
    assert vars(memory_link(scenario, None, 0))["format"] == "Q4_K"
    busy = MemoryScenario(model=("8B",), ctx=4096)
    assert memory_link(scenario, None, 1, busy) == replace(busy, format="int4")
    errors = vars(errors_link(scenario))
    assert (errors["data"], errors["seed"], errors["format"]) == ("laplace", 3, ("Q4_K", "int4"))
    file = vars(errors_link(QuantizerScenario(values=("w.npy",), tensor="t")))
    assert (file["path"], file["tensor"]) == ("w.npy", "t")


def test_a_table_of_ones_own_heads_the_list_of_formats() -> None:
    own = "codebook:values=-1/0/0.5/1"
    names = [fmt.name for fmt in offered(("int4", own, own, "posit8", ""))]
    assert names[0] == own and names.count(own) == 1 and "int4" in names[1:]
    assert len(names) == 1 + len([fmt for fmt in all_formats() if fmt.can_encode])


def test_one_row_has_no_scale_for_each_row() -> None:
    assert "row" in edit.turned_option("int4", "block", 1) and "row" in edit.turned_option("int4:asym", "block", 1)
    assert edit.turned_option("int4:asym", "block", 1, rows=1) != edit.turned_option("int4:asym", "block", 1)
    assert "row" not in edit.turned_option("int4", "block", 1, rows=1)
    back = edit.turned_option("int4", "block", 1, rows=1)
    assert edit.turned_option(back, "block", -1, rows=1) == edit.turned_option("int4:sym", "bits", 0)
