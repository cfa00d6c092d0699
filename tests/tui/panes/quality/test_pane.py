"""The Quality pane driven by its keys, on the small model in the package."""

from __future__ import annotations

import threading

import pytest

from qtui.scenario.progress import Progress
from qtui.scenario.quality.result import QualityResult
from qtui.scenario.quality.scenario import QualityScenario
from qtui.scenario.quality.solve import solve
from qtui.tui.app import QtuiApp
from qtui.tui.host import Settings
from qtui.tui.panes.quality.pane import moved
from qtui.tui.panes.quality.view import QualityView
from tests.support.pictures import agreed
from tests.support.screens import press, screen_text, settle

SHORT = QualityScenario(windows=2, format=("Q8_0", "Q4_0", "int2"))


@pytest.fixture(autouse=True, scope="module")
def own_folder(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


async def test_views_come_by_their_keys() -> None:
    app = QtuiApp(SHORT)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        shown = screen_text(app)
        assert "[5 Quality]" in shown and "Q8_0" in shown and "best that any model can have" in shown
        assert "KL" in shown and "bits/w" in shown and "costs" in shown
        shown = await press(pilot, "v", "v")
        assert app.pane.scenario.next == "23+45=" and "each format   Q8_0" in shown and "99." in shown
        shown = await press(pilot, "down", "down")
        assert "each format   int2" in shown
        shown = await press(pilot, "left", "left")
        assert "2 before the end" in shown and "at this token" in shown
        shown = await press(pilot, "right", "right", "right")
        assert "before the end" not in shown
        shown = await press(pilot, "v")
        assert app.pane.scenario.generate == "23+45=" and "another answer at once" in shown
        shown = await press(pilot, "v")
        assert app.pane.scenario.sensitivity and "token_embd" in shown and "Each alone in Q8_0" in shown
        shown = await press(pilot, "comma")
        assert app.pane.scenario.by == "layer" and "layer 0" in shown
        shown = await press(pilot, "comma")
        assert "layers 0 to 2" in shown and "blk.0.attn_v" in shown
        shown = await press(pilot, "v")
        assert app.pane.scenario.super_weight and "weight set to 0" in shown
        shown = await press(pilot, "v", "v")
        assert app.pane.scenario.question == "table"
        await press(pilot, "y")
        assert app.copied == "qtui quality --windows 2 --format Q8_0 --format Q4_0 --format int2 --by tensor --tui"
        shown = await press(pilot, "u", "u")
        assert "weight set to 0" in shown


async def test_what_was_cancelled_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    may_end, begun = threading.Event(), list[QualityScenario]()

    def slow(scenario: QualityScenario, progress: Progress, _: object = None) -> QualityResult:
        begun.append(scenario)
        while not may_end.wait(0.01):
            progress.tick(0, 1, "")
        return solve(scenario)

    monkeypatch.setattr("qtui.tui.panes.quality.pane.solve", slow)
    app = QtuiApp(SHORT)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.1)
        await pilot.press("enter")
        assert begun == [SHORT]
        shown = await press(pilot, "escape")
        assert "cancelled; Enter measures on" in shown and "reading" not in shown and "KL nats" not in shown
        may_end.set()
        shown = await press(pilot, "enter")
        assert begun == [SHORT, SHORT] and "KL nats" in shown and "cancelled" not in shown
        await press(pilot, "enter")
        assert begun == [SHORT, SHORT]


async def test_lessons_have_sliders() -> None:
    app = QtuiApp(QualityScenario(lesson="divergence"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "1.125 nats from" in screen_text(app)
        await press(pilot, *["left"] * 6)
        assert app.pane.scenario.shift == 0 and "nothing is lost" in screen_text(app)
        await press(pilot, "down", "right")
        assert app.pane.scenario.width == pytest.approx(1.1)
        shown = await press(pilot, "full_stop")
        assert "perplexity 1.08" in shown
        shown = await press(pilot, "full_stop")
        assert "Each of 100 steps" in shown
        shown = await press(pilot, "down", "left")
        assert app.pane.scenario.steps == 80 and "Each of 80 steps" in shown
        shown = await press(pilot, "full_stop")
        assert "66.7 %  59.8 to 72.9 %" in shown and "their order is noise" in shown
        shown = await press(pilot, "right", "full_stop")
        assert "how far all probabilities have moved" in shown


async def test_fields_change_what_is_measured() -> None:
    app = QtuiApp(SHORT)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "f", *["backspace"] * 30)
        for key in "Q5_0":
            await pilot.press("underscore" if key == "_" else key)
        shown = await press(pilot, "enter")
        assert app.pane.scenario.format == ("Q5_0",) and "Q5_0" in shown
        shown = await press(pilot, "minus")
        assert app.pane.scenario.windows == 1 and "1 window of 128" in shown
        await press(pilot, "plus", "plus")
        assert app.pane.scenario.windows == 4
        await press(pilot, "C", "down", "enter")
        assert app.pane.scenario.kv_type == "q8_0"
        await press(pilot, "Q", "down", "enter")
        assert app.pane.scenario.activations == "int8"
        await press(pilot, "d")
        await pilot.press("1", "plus", "1", "equals_sign")
        shown = await press(pilot, "enter")
        assert app.pane.scenario.next == "1+1=" and "as it is" in shown
        await press(pilot, "V", "V")
        await press(pilot, "asterisk", "asterisk")
        assert app.pane.query_one(QualityView).marks.curves == 3


async def test_an_answer_to_an_earlier_question_goes_when_the_next_takes_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("qtui.tui.panes.quality.pane.LATE", 0.0)
    app = QtuiApp(SHORT)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        view = app.pane.query_one(QualityView)
        seen: list[str] = []
        monkeypatch.setattr(view, "wait", lambda: seen.append(view.question))
        await press(pilot, "v")
        assert seen == ["table"] and view.question == "tokens"
        await press(pilot, "f", "Q", "8", "enter")
        assert seen == ["table"]  # the same question: what is known stays


async def test_mistakes_are_told_and_the_table_stays() -> None:
    app = QtuiApp(SHORT)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        app.pane.change(model="nowhere.gguf")
        await settle(pilot)
        shown = screen_text(app)
        assert "there is no file nowhere.gguf" in shown and "Q8_0" in shown
    app = QtuiApp(QualityScenario(model="nowhere.gguf"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "m takes tiny, smollm2" in screen_text(app)


@pytest.mark.parametrize("size", [(60, 18), (80, 24), (120, 40), (160, 48)])
@pytest.mark.parametrize("view", ["table", "next", "where", "lesson"])
async def test_panes_look_as_they_did(view: str, size: tuple[int, int]) -> None:
    asked = {
        "table": {},
        "next": {"next": "the cats near"},
        "where": {"sensitivity": True, "by": "tensor", "format": ()},
        "lesson": {"lesson": "noise"},
    }[view]
    app = QtuiApp(QualityScenario(**{"windows": 2, "format": ("Q8_0", "Q4_K", "int2"), **asked}))  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        shown = screen_text(app)
    assert max(map(len, shown.splitlines())) <= size[0]
    assert agreed(f"quality-{view}-{size[0]}x{size[1]}", shown + "\n")


async def test_everything_is_there_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = QtuiApp(SHORT, Settings(theme="none", ascii=True))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        for _ in app.pane.VIEWS:
            shown = await press(pilot, "v")
            assert shown.isascii(), (app.pane.view, {c for c in shown if not c.isascii()})


@pytest.mark.parametrize("name", ["shift", "width", "chance", "steps"])
def test_sliders_stay_in_their_range(name: str) -> None:
    value: float = getattr(QualityScenario(), name)
    for by in (1, -1):
        for _ in range(200):
            value = moved(name, value, by)
        end = value
        assert moved(name, value, by) == end


async def test_a_ranking_stands_in_a_small_window_too() -> None:
    app = QtuiApp(QualityScenario(windows=2, sensitivity=True))
    async with app.run_test(size=(60, 18)) as pilot:
        await settle(pilot)
        shown = screen_text(app)
        assert "Each alone in int2" in shown and "KL nats" in shown and "How to read it" not in shown
        await pilot.resize_terminal(120, 40)
        await settle(pilot)
        assert "How to read it" in screen_text(app)
