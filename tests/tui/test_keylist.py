"""`[keys]` of the configuration: what it may change, what is said of the rest, and that everything follows."""

import json

import pytest

from qtui.cli.config import parse
from qtui.cli.main import run
from qtui.scenario.base import UserError
from qtui.scenario.quantizer.scenario import QuantizerScenario
from qtui.tui.app import QtuiApp
from qtui.tui.host import Settings
from qtui.tui.keylist import checked, key_rows
from qtui.tui.keymap import Keymap
from tests.support.screens import press, screen_text, settle


def test_keys_that_are_right_are_taken() -> None:
    keys, wrong = checked(
        {"quantizer.block": "ctrl+g,9", "pane.next_view": "?", "app.help": "v", "move.left": "left"}
    )
    assert wrong == []
    assert keys["quantizer.block"] == "ctrl+g,9" and keys["pane.next_view"] == "question_mark"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("quantizer.blok", "x", "there is no such action; did you mean quantizer.block?"),
        ("zzz", "x", "there is no such action; see qtui --keys"),
        ("quantizer.block", "ctrl+nothing", "there is no key 'ctrl+nothing'"),
        ("quantizer.block", "b,", "there is no key ''"),
        ("quantizer.block", "9,f", "f is the key of 'format' already"),
        ("memory.flash", "q", "q is the key of 'quit' already"),
        ("app.palette", "p", "p is needed for typing"),
    ],
)
def test_keys_that_are_wrong_are_left_as_they_were(name: str, text: str, says: str) -> None:
    keys, wrong = checked({name: text, "app.save": "ctrl+d"})
    assert keys == {"app.save": "ctrl+d"} and len(wrong) == 1
    assert wrong[0].startswith(f"[keys] {name}: {says}")


def test_two_actions_on_one_new_key_are_one_too_many() -> None:
    keys, wrong = checked({"quantizer.block": "9", "quantizer.range": "9"})
    assert keys == {"quantizer.block": "9"} and "9 is the key of 'next block size' already" in wrong[0]


async def test_key_line_help_and_key_follow() -> None:
    app = QtuiApp(QuantizerScenario(), Settings(keys={"quantizer.block": "ctrl+g,9", "move.left": "left,y"}))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        assert "Ctrl+G block" in screen_text(app)
        await press(pilot, "b")
        assert app.pane is not None and app.pane.scenario == QuantizerScenario()
        await press(pilot, "9")
        assert app.pane.scenario.format[0] != QuantizerScenario().format[0]
        assert "Ctrl+G B" in await press(pilot, "question_mark")


def test_the_list_of_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--keys"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split() == ["quantizer.block", "b", "next", "block", "size", "(quantizer)"] for line in lines)
    assert run(["--keys", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"id": "app.help", "keys": ["question_mark"], "title": "help", "panes": []} in rows
    assert len({row["id"] for row in rows}) == len(rows) == len(key_rows(Keymap({})))


def test_the_configuration_has_a_table_of_keys() -> None:
    assert parse('[keys]\n"quantizer.block" = "ctrl+g,b"', "config.toml").keys == {"quantizer.block": "ctrl+g,b"}
    with pytest.raises(UserError, match=r"config.toml: the keys of a.b should be a text in quotes, not 3"):
        parse('[keys]\n"a.b" = 3', "config.toml")
