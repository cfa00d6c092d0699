"""Rows of a survey put together and in order; the map of roles and layers."""

from __future__ import annotations

import math

import pytest

from qtui.compute.errors.moments import Moments
from qtui.compute.errors.survey import Measure
from qtui.scenario.errors.groups import role_map, survey_rows, whole_row
from qtui.scenario.errors.result import TensorErrors


def row(name: str, count: int, *decibels: float | None) -> TensorErrors:
    measures = tuple(
        Measure("F", 4.5, count, problem="no") if db is None
        else Measure("F", 4.5, count, Moments(count=count, x2=1.0, e2=10 ** (-db / 10)), max_abs_error=0.1)
        for db in decibels
    )  # fmt: skip
    return TensorErrors(name, (1, count), "F16", count, count, measures)


ROWS = [
    row("blk.1.attn_q.weight", 300, 20.0, 40.0),
    row("blk.0.attn_q.weight", 100, 30.0, None),
    row("output.weight", 50, 10.0, 50.0),
    TensorErrors("ids", (4,), "I64", 4, 0, (), note="holds I64, not weights"),
]


def labels(group: str, sort: str) -> list[str]:
    return [item.label for item in survey_rows(ROWS, ("A", "B"), group, sort)]


def test_order() -> None:
    assert labels("tensor", "file") == ["blk.0.attn_q.weight", "blk.1.attn_q.weight", "output.weight", "ids"]
    assert labels("tensor", "-file") == labels("tensor", "file")[::-1]
    assert labels("tensor", "name")[:2] == ["blk.0.attn_q.weight", "blk.1.attn_q.weight"]
    assert labels("tensor", "size")[0] == "blk.1.attn_q.weight"
    assert labels("tensor", "A") == ["output.weight", "blk.1.attn_q.weight", "blk.0.attn_q.weight", "ids"]
    assert labels("tensor", "-A")[0] == "blk.0.attn_q.weight" and labels("tensor", "-A")[-1] == "ids"


def test_groups_weigh_by_size() -> None:
    assert labels("layer", "file") == ["layer 0", "layer 1", "outside the layers"]
    roles = {item.label: item for item in survey_rows(ROWS, ("A", "B"), "role", "file")}
    assert set(roles) == {"attn_q", "output"}
    noise = (300 * 10**-2 + 100 * 10**-3) / 400
    assert roles["attn_q"].totals[0].sqnr_db == pytest.approx(-10 * math.log10(noise))
    assert roles["attn_q"].totals[1].missing == 1 and roles["attn_q"].totals[1].count == 300
    assert whole_row(ROWS, ("A", "B")).weights == 450


def test_the_map_has_a_cell_for_each_role_and_layer() -> None:
    result = role_map(ROWS, 1)
    assert result.roles == ("attn_q",) and result.layers == (0, 1)
    assert math.isnan(result.decibels[0][0]) and result.decibels[0][1] == pytest.approx(40)
