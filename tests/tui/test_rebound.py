"""Every action on another key: all that names a key names the new one, and none of the old."""

import itertools
import re
import string
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from qtui.draw.card import card_picture
from qtui.draw.picture import Picture, text
from qtui.scenario.base import Scenario
from qtui.scenario.bits.scenario import BitsScenario
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.plan.scenario import PlanScenario
from qtui.scenario.quality.scenario import QualityScenario
from qtui.scenario.quantizer.scenario import QuantizerScenario
from qtui.scenario.tour.scenario import TourScenario
from qtui.scenario.welcome.scenario import WelcomeScenario
from qtui.tui.app import QtuiApp
from qtui.tui.help import HelpScreen
from qtui.tui.host import Settings
from qtui.tui.keylist import action_named, checked, declared
from qtui.tui.keymap import Keymap, key_text
from qtui.tui.offers import actions, view_actions
from qtui.tui.widgets.view import PictureView
from qtui.words.load import FOLDER, cards
from tests.support.screens import press, screen_text

STARTS: tuple[Scenario, ...] = (
    MemoryScenario(("Qwen3-8B",), "Q4_K_M", ram="32GB"),
    BitsScenario("0.1", "float16"),
    QuantizerScenario(),
    ErrorsScenario(),
    PlanScenario(path="m.safetensors"),
    QualityScenario(format=("Q8_0",), windows=1),
    TourScenario(step=2),
    WelcomeScenario(),
)
# Keys that text fields and lists have of themselves, where letters are text: they can't be changed.
FIXED = (
    "Enter goes to it",
    "your answer, then Enter",
    "Enter takes",
    "from the list, and Enter",
    "qwen3-14b, Enter",
    "Esc closes",
)
_VERBS = (
    "shows? opens lists picks takes marks measures goes adds removes changes puts plans closes sorts moves turns"
    " finds steps comes quits starts brings undoes explains"
)
NAMES = re.compile(
    r"\b(Enter|Esc|Escape|Tab|Space|PgUp|PgDn|Home|Del|Delete|Backspace|Shift\+|Ctrl\+)\b"
    r"|\b(left|right|up|down) arrow|\barrow keys?|\barrows (move|walk|act|scroll)|space bar"
    rf"|(?:^|[ (;,.])[b-zA-Z?*/^%&~+-] ({_VERBS.replace(' ', '|')})\b"
)


def other_keys() -> dict[str, str]:
    """A key that nothing has, for every action that can be given one."""
    free = (f"{held}+{letter}" for held in ("alt", "super", "hyper", "meta") for letter in string.ascii_lowercase)
    return dict(zip(dict.fromkeys(action.id for _, action in declared()), itertools.chain(free), strict=False))


OTHER = other_keys()
KEYMAP = Keymap(OTHER)
NEW = {key_text(key) for key in OTHER.values()}


def named(words: str) -> list[str]:
    """The old keys that `words` name."""
    for fixed in FIXED:
        words = words.replace(fixed, "")
    return [match.group() for match in NAMES.finditer(re.sub(r"(Alt|Super|Hyper|Meta)\+[A-Z]\b", "", words))]


def key_spans(picture: Picture) -> set[str]:
    """What is drawn as the name of a key."""
    return {word for row in picture for words, role in row if role == "key" for word in words.split()}


def test_every_action_can_have_another_key() -> None:
    assert checked(OTHER) == (OTHER, []) and len(OTHER) > 90
    assert named("Enter shows it; x shows all; with the right arrow; Esc closes") != []


@pytest.mark.parametrize("start", STARTS, ids=lambda start: start.command)
async def test_no_text_names_an_old_key(start: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save_file({"blk.0.ffn_up.weight": np.ones((64, 64), np.float32)}, tmp_path / "m.safetensors")
    app = QtuiApp(start, Settings(keys=OTHER))
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(4):
            await pilot.pause()
        pane = app.pane
        assert pane is not None
        for name, _ in pane.VIEWS or (("", ""),):
            if name:
                pane.action_view(name)
            await pilot.pause(0.02)
            assert named(screen_text(pilot.app)) == [], name
            drawn = [view.picture for view in pane.query(PictureView)]
            drawn.append((app.frame.query_one("#keys").row(80),))  # type: ignore[attr-defined]
            assert set().union(*map(key_spans, drawn)) <= NEW | {"L", "F", "O", "a", "b", "c"}, name
            helped = await press(pilot, OTHER["app.help"]) if name == pane.view else ""
            assert named(helped) == []
            if isinstance(app.screen, HelpScreen):
                rows = app.screen.picture(76)
                assert named(text(rows)) == []
                ends = next((n for n, row in enumerate(rows) if row[:1] == (("Words", "strong"),)), len(rows))
                assert key_spans(rows[:ends]) <= NEW
                await press(pilot, "escape")
        offers = [f"{offer.title}: {offer.what}" for offer in (*actions(app, pane), *view_actions(app, pane))]
        assert [words for words in offers if named(words)] == []


def test_lessons_and_cards_name_keys_by_what_they_do() -> None:
    for path in Path(FOLDER).parent.glob("lessons/**/*.toml"):
        for row in path.read_text(encoding="utf-8").splitlines():
            assert row.startswith(("solution", "controls", "#")) or named(row) == [], (path.name, row)
    for pane in ("welcome", "memory", "bits", "quantizer", "errors", "plan", "quality"):
        for card in cards(pane).values():
            shown = text(card_picture(card, 64, 40, lambda name: KEYMAP.text(action_named(name))))
            assert named(shown) == [], card.view
