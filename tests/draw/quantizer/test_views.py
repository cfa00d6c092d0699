"""The Quantizer's drawings: pictures of the essay's numbers as text, and sizes that hold for anything."""

import numpy as np
import pytest

from qtui.compute.formats import all_formats, get_format
from qtui.compute.quantizer.stored import store
from qtui.draw.canvas import DOWN, LEFT, RIGHT, UP, Canvas
from qtui.draw.frame import size_of
from qtui.draw.glyphs import ASCII, UNICODE, Glyphs
from qtui.draw.picture import Picture, fitted, text, width
from qtui.draw.quantizer.bytes import field_marks
from qtui.draw.quantizer.hits import hit
from qtui.draw.quantizer.page import Page, dashboard, picture_width
from qtui.draw.quantizer.parts import Label, ValueAxis, aligned, bars, percent, place, short
from qtui.draw.quantizer.scores import figures, scoreboard
from qtui.draw.quantizer.views import Drawer, sampling, view
from qtui.error import QtuiError
from qtui.scenario.quantizer.result import QuantizerResult
from qtui.scenario.quantizer.sampling import with_samples
from qtui.scenario.quantizer.scenario import VIEWS, QuantizerScenario
from qtui.scenario.quantizer.solve import solve


def picture_of(result: QuantizerResult, cells: int, rows: int) -> Picture:
    """The view that the Scenario asks for."""
    return view(with_samples(result, sampling(result, cells)), cells, rows, UNICODE)


def whole_page(result: QuantizerResult, cells: int, rows: int, glyphs: Glyphs = UNICODE) -> Page:
    """The whole of what the pane shows under its scores, and where each view is."""
    size = size_of(cells, rows)
    columns = sampling(result, picture_width(cells, size))
    return dashboard(Drawer(result, glyphs, lambda one: with_samples(one, columns)), cells, rows, size)


def page_of(result: QuantizerResult, cells: int, rows: int, glyphs: Glyphs = UNICODE) -> Picture:
    """The whole of what the pane shows under its scores."""
    return whole_page(result, cells, rows, glyphs).picture


def drawn(show: str, cells: int = 80, rows: int = 14, **settings: object) -> str:
    result = solve(QuantizerScenario(view=show, **settings))  # type: ignore[arg-type]
    return text(picture_of(result, cells, rows))


MAPPED = """\
   -0.89            -0.54              -0.13         0.16
A int4:asym  scale 0.07, zero point 5, 5 of 16 used (•)
     •                •                  •         •   •
    ┏┛               ╭╯                  │         │  ╭╯
    •──┬───┬──┬──┬───•──┬──┬───┬──┬──┬───•──┬──┬───•──•─
   -8 -7  -6 -5 -4  -3 -2 -1   0  1  2   3  4  5   6  7
  -0.91            -0.56               -0.14        0.14
"""


def test_mapping_lines_of_the_essay() -> None:
    assert drawn("map", 60, 7, format=("int4:asym",)) + "\n" == MAPPED


def test_the_table_says_the_essays_errors() -> None:
    shown = drawn("table")
    assert shown.count("error %") == 2
    for error in ("20.5 ", "58.9 ", "2.20", "5.82", "2.25", "12.5", "7.69", "3.70"):
        assert error in shown


@pytest.mark.parametrize(("schemes", "shown"), [(2, "code"), (3, "error"), (4, "back"), (6, "back")])
def test_the_table_has_up_to_six_schemes_in_80_columns(schemes: int, shown: str) -> None:
    formats = ("int4", "int4:asym", "Q4_0", "float16", "nf4", "MXFP4")[:schemes]
    rows = drawn("table", format=formats).splitlines()
    assert rows[1].split().count(shown) == schemes and rows[1].split().count("back") == schemes


def test_the_network_says_the_essays_outputs() -> None:
    shown = drawn("net", format=("float:e=2,m=1,special=ieee", "float8_e4m3", "int4:sym", "int4:asym"), rows=20)
    outputs = [row.split() for row in shown.splitlines() if row.strip()[:1] in "ABCD" and "%" in row]
    assert [row[2] for row in outputs] == ["0.000", "0.180", "0.129", "0.216"]
    assert "exact" in shown and "0.196" in shown
    assert "shrank by 34.1 %" in shown and "grew by 9.89 %" in shown


def test_the_code_has_the_numbers_in_it() -> None:
    shown = drawn("code", at=5)
    assert "# 0.89 / 7 = 0.1271" in shown and "# -0.54 / 0.1271 = -4.247 -> -4" in shown
    assert "# -8 - floor(-12.71 + 0.5) = 5" in shown and "# 0.07 * (-3 - 5) = -0.56" in shown


@pytest.mark.parametrize("fmt", [fmt.name for fmt in all_formats() if fmt.can_encode])
def test_the_code_of_every_format_ends_with_what_comes_back(fmt: str) -> None:
    result = solve(QuantizerScenario(dist="laplace", size=256, format=(fmt,), view="code", at=77))
    last = [row for row in text(picture_of(result, 100, 14)).splitlines() if row][-2]
    assert "back" in last and last.endswith(short(float(result.schemes[0].stored.y[77])))


def test_the_ledger_adds_up_on_screen() -> None:
    shown = drawn("ledger", dist="normal", format=("Q4_1",))
    assert "scale           0.5" in shown and "min             0.5" in shown
    assert len({row.find("5 ") for row in shown.splitlines() if "0.5" in row}) == 1  # on their points
    assert "bits per weight 5  " in shown and "codes           4  " in shown
    assert "320 bytes" in drawn("ledger", dist="normal", size=512, format=("Q4_1",))


def test_the_ledger_takes_as_many_rows_with_empty_places_where_it_has_room() -> None:
    whole, empty = (drawn("ledger", 50, format=(spec, "int4:asym")).splitlines() for spec in ("int4", "int3"))
    assert len(whole) == len(empty)
    assert "A int3  7 bytes for 6 weights, 2 of 8 places empty" in empty
    assert "  2 of 8 places are empty here, and counted" in drawn("ledger", 49, format=("int3",)).splitlines()


def test_bytes_have_the_letters_of_their_fields() -> None:
    stored = store(get_format("Q4_1"), np.linspace(-1, 1, 32, dtype=np.float32)[None])
    marks = [letter for letter, _ in field_marks(stored.layout, 20)]
    assert "".join(marks) == "ss" + "mm" + "c" * 16
    shown = drawn("bytes", dist="normal", format=("Q4_1",))
    assert "20 bytes for 32 weights" in shown and "s scale" in shown and "m min" in shown


def test_growth_ends_beyond_a_trillion() -> None:
    shown = drawn("grow", step=99)
    assert "1,000,014,761,088 parameters" in shown and "Memory pane" in shown


@pytest.mark.parametrize("show", VIEWS)
@pytest.mark.parametrize(("cells", "rows"), [(40, 8), (80, 14), (118, 32), (198, 52)])
def test_views_keep_to_their_width(show: str, cells: int, rows: int) -> None:
    formats = ("Q4_K", "int4:asym", "float16", "nf4")
    for settings in ({}, {"dist": "outliers", "size": 512}):
        result = solve(QuantizerScenario(view=show, format=formats, **settings))  # type: ignore[arg-type]
        for glyphs in (UNICODE, ASCII):
            picture = page_of(result, cells, rows, glyphs)
            assert max(width(row) for row in picture) <= cells
        assert text(picture).isascii()


@pytest.mark.parametrize("show", VIEWS)
def test_large_windows_never_scroll(show: str) -> None:
    formats = ("Q4_K", "int4:asym", "Q8_0", "nf4")
    for settings in ({}, {"dist": "sparse", "size": 512, "keep": 1}):
        result = solve(QuantizerScenario(view=show, format=formats, **settings))  # type: ignore[arg-type]
        for cells, rows in ((120, 36), (160, 40), (200, 52)):
            assert len(page_of(result, cells, rows)) <= rows


@pytest.mark.parametrize("show", VIEWS)
def test_numbers_that_are_not_finite_are_drawn(show: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    np.save(tmp_path / "x.npy", np.float32([[1, np.inf, -2, np.nan] * 8]))
    scenario = QuantizerScenario(source=str(tmp_path / "x.npy"), format=("float8_e4m3fn", "int8"), view=show)
    if show in ("smart", "outlier"):
        with pytest.raises(QtuiError, match="finite"):
            solve(scenario)
    else:
        assert picture_of(solve(scenario), 80, 14)


def test_a_scheme_that_loses_numbers_wins_nothing_and_says_so(tmp_path, recwarn) -> None:  # type: ignore[no-untyped-def]
    np.save(tmp_path / "x.npy", np.full((1, 256), 3e38, np.float32))
    result = solve(QuantizerScenario(source=str(tmp_path / "x.npy"), format=("Q4_K", "int8")))
    lossy, exact = text(scoreboard(result, 80, UNICODE)).splitlines()[1:]
    assert lossy.split()[-1] == "0.5✓" and lossy.count("✓") == 1
    assert exact.count("✓") == 6
    assert result.notes == ("Q4_K: finite numbers that come back NaN or infinite: 256",)
    assert not recwarn.list


def test_numbers_beyond_float32_are_counted(tmp_path, recwarn) -> None:  # type: ignore[no-untyped-def]
    np.save(tmp_path / "x.npy", np.array([[1e300, 1.0, np.nan, -2.0]]))
    result = solve(QuantizerScenario(source=str(tmp_path / "x.npy"), format=("int8",)))
    assert result.notes == ("the errors leave out numbers that are NaN or infinite: 2",)
    assert not recwarn.list


def test_rows_of_one_scale_are_not_called_blocks(tmp_path) -> None:  # type: ignore[no-untyped-def]
    np.save(tmp_path / "x.npy", np.ones((4, 64), np.float32))
    result = solve(QuantizerScenario(source=str(tmp_path / "x.npy"), format=("int8", "Q8_0")))
    shown = text(picture_of(result, 80, 14))
    assert "row 1 of 4" in shown and "block 1 of 8" in shown and "block 1 of 4" not in shown


@pytest.mark.parametrize("value", [0.0, 1e-30, 3.0])
def test_a_single_number_is_drawn_in_every_view(value: float) -> None:
    for show in VIEWS:
        assert picture_of(solve(QuantizerScenario(values=(str(value),), view=show)), 80, 14)


def test_clicks_find_what_was_drawn() -> None:
    def at(show: str, x: int, y: int, **settings: object) -> dict:
        result = solve(QuantizerScenario(view=show, **settings))  # type: ignore[arg-type]
        return hit(result, whole_page(result, 80, 15), x, y)

    assert at("table", 10, 4) == {"at": 2}
    assert at("table", 10, 1) == {}
    result = solve(QuantizerScenario(view="net"))
    page = whole_page(result, 80, 15)
    rows = text(page.picture).splitlines()
    y, x = next((y, row.index("(0.196)")) for y, row in enumerate(rows) if "(0.196)" in row)
    assert hit(result, page, x, y) == {"node": 4}
    assert hit(result, page, 40, 0) == {}
    low, high = solve(QuantizerScenario(view="line")).reach
    assert at("line", 2, 1)["probe"] == pytest.approx(low, rel=1e-3)
    assert at("line", 77, 1)["probe"] == pytest.approx(high, rel=1e-3)
    assert at("tile", 6, 1, dist="normal", size=64) == {"at": 0}
    assert at("blocks", 79, 2, dist="normal", size=700) == {} and at("blocks", 9, 2, dist="normal") == {"at": 0}
    mapped = text(picture_of(solve(QuantizerScenario()), 80, 14)).splitlines()[2]
    assert at("map", mapped.index("•"), 2, at=3) == {"at": 0}


def test_every_view_of_a_large_page_answers_a_click() -> None:
    result = solve(QuantizerScenario(at=1))
    page = whole_page(result, 160, 40)
    assert {"map", "scores", "ledger", "table", "code"} <= {panel.view for panel in page.panels}
    rows = text(page.picture).splitlines()
    y = next(y for y, row in enumerate(rows) if row.strip().startswith("4 ") and "12.5" in row)
    assert hit(result, page, 12, y) == {"at": 4}
    y, x = next((y, row.index("B int4:asym")) for y, row in enumerate(rows) if "best" in row)
    assert hit(result, page, x, y) == {"scheme": 1}


def test_lines_that_cross_join() -> None:
    canvas = Canvas(3, 1, UNICODE)
    canvas.wire(1, 0, UP | DOWN)
    canvas.wire(1, 0, LEFT | RIGHT)
    canvas.elbow(2, 2, 0)
    assert text(canvas.picture()) == " ┼│"


def test_what_is_written_past_a_canvas_is_cut() -> None:
    canvas = Canvas(3, 1, UNICODE)
    canvas.put(-2, 0, "abcdef")
    canvas.put(4, 0, "x")
    canvas.put(0, 1, "y")
    assert text(canvas.picture()) == "cde"
    canvas.put(1, 0, " ")
    assert text(canvas.picture()) == "c e"
    place(canvas, 1, [Label(0, "z")])
    place(canvas, 0, [Label(1, "z")])  # would touch its neighbours
    assert text(canvas.picture()) == "c e"


def test_a_heavy_line_lies_over_a_light_one_and_shows_its_own_way() -> None:
    for glyphs, shown in ((UNICODE, "━┛ "), (ASCII, "=# ")):
        canvas = Canvas(3, 1, glyphs)
        canvas.wire(1, 0, UP | DOWN | LEFT | RIGHT)
        canvas.wire(0, 0, LEFT | RIGHT, "strong", heavy=True)
        canvas.wire(1, 0, LEFT | UP, "strong", heavy=True)
        assert text(canvas.picture()) == shown.rstrip()


def test_only_the_chosen_nodes_edges_are_heavy() -> None:
    middle = drawn("net", net="1-3-1", node=2).splitlines()[1:6]
    assert [row.count("━") > 0 for row in middle] == [False, False, True, False, False]
    first = drawn("net", net="1-3-1", node=0).splitlines()[1:6]
    assert all("━" in first[y] for y in (0, 2, 4)) and not any("━" in row[45:] for row in first)


def test_a_table_does_without_its_spare_columns_where_it_is_narrow() -> None:
    rows = [["name", "1.0", "2.0", "3.0"]]
    assert [text(fitted(rows, "lrrr", cells, (2, 1))) for cells in (19, 18, 13, 5)] == [
        "name  1.0  2.0  3.0",
        "name  1.0  3.0",
        "name  3.0",
        "name  3.0",
    ]


def test_few_weights_are_drawn_wide_and_found_under_the_mouse() -> None:
    result = solve(QuantizerScenario(view="tile"))
    row = text(picture_of(result, 80, 14)).splitlines()[1]
    assert row.startswith("    0 [█]")
    assert [hit(result, whole_page(result, 80, 14), x, 1).get("at") for x in (6, 8, 9, 23, 24, 25)] == [
        0,
        0,
        1,
        5,
        None,
        0,
    ]


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0.0, 4, "0"),
        (-0.89, 4, "-0.89"),
        (0.127142857, 4, "0.1271"),
        (12345.6, 4, "1.23e4"),
        (1e-7, 3, "1e-7"),
        (0.00012345, 3, "0.000123"),
        (float("nan"), 4, "nan"),
    ],
)
def test_short_numbers(value: float, digits: int, shown: str) -> None:
    assert short(value, digits) == shown


def test_percentages_have_three_digits() -> None:
    assert [percent(v) for v in (0.18, 0.0852, 1.5, 0.0)] == ["18.0 %", "8.52 %", "150 %", "0.00 %"]


def test_bars_fill_and_anything_above_zero_shows() -> None:
    assert bars([0.0, 1e-9, 4.0, 8.0], 2, UNICODE) == ["   █", " ▁██"]
    assert bars([0.0] * 3, 1, UNICODE) == ["   "]


def test_an_axis_clamps() -> None:
    axis = ValueAxis(-1.0, 1.0, 2, 11)
    assert [axis.column(v) for v in (-9.0, -1.0, 0.0, 1.0, 9.0)] == [2, 2, 7, 12, 12]


@pytest.mark.parametrize("node", [0, 11, 36, 52, 71])
def test_the_chosen_node_is_always_drawn(node: int) -> None:
    result = solve(QuantizerScenario(view="net", net="4-16-32-16-4", node=node))
    picture = picture_of(result, 80, 14)
    assert sum(role == "cursor" and "(" in span for row in picture for span, role in row) == 1
    assert "more" in text(picture)


def test_few_weights_kept_apart_do_not_squeeze_the_mapping() -> None:
    shown = drawn("map", outlier=10.0, keep=1, format=("int4",)).splitlines()
    named = next(row for row in shown if "kept" in row)
    assert "-7" in named
    assert shown[2].count("•") >= 5


@pytest.mark.parametrize("show", VIEWS)
def test_eighty_columns_cut_no_sentence(show: str) -> None:
    assert UNICODE.ellipsis not in text(page_of(solve(QuantizerScenario(view=show)), 80, 18))


@pytest.mark.parametrize("show", VIEWS)
@pytest.mark.parametrize(("cells", "rows"), [(120, 28), (157, 40)])
def test_a_larger_page_shows_more_and_leaves_little_empty(show: str, cells: int, rows: int) -> None:
    for settings in ({}, {"dist": "outliers", "size": 512, "format": ("Q4_0", "nf4")}):
        result = solve(QuantizerScenario(view=show, **settings))  # type: ignore[arg-type]
        page = whole_page(result, cells, rows)
        lines = text(page.picture).splitlines()
        assert len(lines) <= rows and rows - len(lines) <= 0.15 * rows, "empty at its foot"
        assert show in {panel.view for panel in page.panels}
        first = next(panel for panel in page.panels if panel.view == show)
        assert first.width >= 80 and len(page.panels) >= 2


@pytest.mark.parametrize("show", VIEWS)
def test_the_weight_looked_at_is_marked_in_every_view_of_a_large_page(show: str) -> None:
    result = solve(QuantizerScenario(view=show, at=2))
    rows = text(whole_page(result, 157, 40).picture)
    assert "▶   2" in rows or show == "table" or "number 2" in rows
    assert "weight 2" in rows or "0.08" in rows


def test_the_scoreboard_has_the_error_first_and_points_below_each_other() -> None:
    result = solve(QuantizerScenario(format=("int4", "int4:asym", "float4_e2m1fn")))
    heading, *rows = text(scoreboard(result, 100, UNICODE)).splitlines()
    assert heading.split()[2:4] == ["error", "%"] and heading.rstrip().endswith("+ scale")
    assert len({row.index(".") for row in rows}) == 1
    assert "9.33" not in "".join(rows) and "5.33" in rows[0]


@pytest.mark.parametrize(("schemes", "cells"), [(1, 60), (2, 60), (6, 63)])
def test_figures_below_each_other_keep_to_their_columns(schemes: int, cells: int) -> None:
    formats = ("int4", "int4:asym", "Q4_0", "float16", "nf4", "MXFP4")[:schemes]
    result = solve(QuantizerScenario(format=formats))
    picture = figures(result, cells, UNICODE, 0)
    assert max(width(row) for row in picture) <= cells
    assert all(letter in text(picture[:1]) for letter in "ABCDEF"[:schemes])


def test_marks_of_floats_have_their_values() -> None:
    marks = drawn("map", format=("float4_e2m1fn",), values=("-6", "1.5", "0.5", "4")).splitlines()[-2].split()
    assert marks[0] == "-6" and {"1.5", "0.5", "4"} <= set(marks)
    codes = drawn("map", format=("nf4",)).splitlines()[-2].split()
    assert all(code.isdigit() for code in codes)


def test_decimal_points_stand_below_each_other() -> None:
    assert aligned(["18.0", "8.52", "-1", "exact"]) == ["18.0 ", "8.52", "-1   ", "exact"]
