"""The inspector in windows of any size: a resize may pass through one column on its way."""

import pytest

from qtui.draw.bits.inspect import inspector
from qtui.draw.bits.tables import designer, every_format, format_table
from qtui.draw.glyphs import UNICODE
from qtui.draw.picture import text, width
from qtui.scenario.bits.scenario import BitsScenario
from qtui.scenario.bits.solve import solve


@pytest.mark.parametrize("name", ["float64", "bfloat16", "float4_e2m1fn", "int8", "nf4"])
@pytest.mark.parametrize("value", ["0.1", "-3", "inf"])
def test_any_size_is_drawn(name: str, value: str) -> None:
    result = solve(BitsScenario(value=value, format=name))
    for columns in (*range(1, 48), 80, 400):
        for rows in (1, 5, 24, 60):
            picture = inspector(result, columns, rows, UNICODE, 0)
            assert columns < 40 or all(width(row) <= columns for row in picture)


def test_a_low_window_says_what_it_leaves_out() -> None:
    result = solve(BitsScenario(value="0.1", format="float32"))
    low = text(inspector(result, 60, 12, UNICODE)).splitlines()
    assert len(low) == 12 and low[-1] == "a taller window adds: reals, code, position, rounding"
    assert [row.split()[0] for row in low[4:9:2]] == ["value", "formula", "ulp"]
    assert any(row.startswith("between") for row in low) and not any(row.startswith("previous") for row in low)
    high = text(inspector(result, 80, 18, UNICODE))
    assert "taller" not in high and "previous" in high and "lowest" in high
    design = text(
        designer(solve(BitsScenario(value="0.1", format="float32", view="design")), 60, UNICODE, 0, 12)
    ).splitlines()
    assert len(design) == 12 and design[-1] == "7 more rows need a taller window"


@pytest.mark.parametrize("columns", [60, 66, 72])
def test_a_narrow_window_does_without_columns_and_cuts_none(columns: int) -> None:
    values = every_format(solve(BitsScenario(value="0.1", format="float32", view="all")), columns, UNICODE)
    formats = format_table(solve(BitsScenario(value="0.1", format="float32", view="formats")), columns, UNICODE)
    assert len(values) == len(formats) > 30
    assert UNICODE.ellipsis not in text(values) + text(formats)
    assert "relative" in text(values[:1]) and "largest" in text(formats[:1])
    for name in ("float32", "float:e=3,m=4,special=fn"):
        own = solve(BitsScenario(value="0.1", format=name, view="design"))
        assert UNICODE.ellipsis not in text(designer(own, columns, UNICODE, 0, 60)[:18])


@pytest.mark.parametrize("name", ["float32", "bfloat16", "float16", "float8_e5m2", "float64"])
def test_rows_stay_where_they_are_whatever_the_class(name: str) -> None:
    """So that a flipped bit changes characters, and moves no row."""
    labels = set()
    for value in ("0.1", "1", "-2.5", "0", "-0", "1e-300", "inf", "-inf", "nan", "0x1"):
        result = solve(BitsScenario(value=value, format=name))
        labels.add(tuple(row[0][0] for row in inspector(result, 120, 34, UNICODE) if row and row[0][1] == "label"))
    assert len(labels) == 1, labels
