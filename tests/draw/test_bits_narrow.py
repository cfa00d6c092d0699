"""The inspector in windows of any size: a resize may pass through one column on its way."""

import pytest

from qtui.draw.bits_inspect import inspector
from qtui.draw.glyphs import UNICODE
from qtui.draw.picture import width
from qtui.scenario.bits import BitsScenario, solve


@pytest.mark.parametrize("name", ["float64", "bfloat16", "float4_e2m1fn", "int8", "nf4"])
@pytest.mark.parametrize("value", ["0.1", "-3", "inf"])
def test_any_size_is_drawn(name: str, value: str) -> None:
    result = solve(BitsScenario(value=value, format=name))
    for columns in (*range(1, 48), 80, 400):
        for rows in (1, 5, 24, 60):
            picture = inspector(result, columns, rows, UNICODE, 0)
            assert columns < 40 or all(width(row) <= columns for row in picture)
