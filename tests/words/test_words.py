"""The glossary and the cards: complete, short enough, right about keys, and in the wheel."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qtui.draw.card import card_picture
from qtui.draw.picture import text, width
from qtui.scenario.bits.scenario import VIEWS as BITS
from qtui.scenario.errors.scenario import VIEWS as ERRORS
from qtui.scenario.memory.scenario import VIEWS as MEMORY
from qtui.scenario.quality.scenario import QUESTIONS
from qtui.scenario.quantizer.scenario import VIEWS as QUANTIZER
from qtui.tui.keylist import action_named
from qtui.tui.keymap import Keymap
from qtui.words.load import FOLDER, PANES, TERMS_ON_A_CARD, WordsError, cards, glossary, read_cards, read_glossary


def key_of(name: str) -> str:
    return Keymap({}).text(action_named(name))


VIEWS = {
    "welcome": {"welcome"},
    "memory": set(MEMORY),
    "bits": set(BITS),
    "quantizer": set(QUANTIZER),
    "errors": set(ERRORS),
    "plan": {"plan"},
    "quality": {"table", *QUESTIONS},
}
ROOMS = ((64, 14), (56, 16))  # columns and rows of a card's text: the usual ones, and those of a window of 60x18


@pytest.mark.parametrize("pane", PANES)
def test_every_view_has_a_card(pane: str) -> None:
    assert cards(pane).keys() == VIEWS[pane]
    for card in cards(pane).values():
        assert len(card.terms) == TERMS_ON_A_CARD
        assert 2 <= len(re.findall(r"[.:](?: |$)", card.shows)) <= 4, card.view


@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize(("columns", "rows"), ROOMS)
def test_a_card_fits(pane: str, columns: int, rows: int) -> None:
    for card in cards(pane).values():
        picture = card_picture(card, columns, rows, key_of)
        assert len(picture) <= rows and max(map(width, picture)) <= columns, card.view


def test_a_card_with_room_says_more() -> None:
    card = cards("quantizer")["map"]
    assert card.terms[0].text not in text(card_picture(card, 64, 14, key_of))
    assert all(term.text in text(card_picture(card, 200, 40, key_of)) for term in card.terms)


@pytest.mark.parametrize("pane", PANES)
def test_keys_are_named_by_what_they_do(pane: str) -> None:
    for card in cards(pane).values():
        assert not re.search(r"\b(press|key) \S+", card.attempt), card.view
        assert not re.search(r"\b(with|by|and) [b-zB-Z]\b", card.attempt), card.view
        shown = card.with_keys(key_of)
        assert all(key_of(action) in shown.shows + shown.attempt for action in card.actions)


def test_terms_are_short_and_every_term_is_in_some_help() -> None:
    for term in glossary().values():
        assert len(term.plain) <= 48 and len(term.text) <= 160, term.name
        assert term.panes


def test_files_hold_nothing_that_is_read_by_nobody() -> None:
    assert {path.stem for path in (Path(FOLDER) / "cards").iterdir()} == set(PANES)


def written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


TERM = '[[term]]\nname = "{}"\nplain = "a"\ntext = "b"\npanes = ["bits"]\n\n'


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (TERM.format("b") + TERM.format("a"), r":7: 'a' stands after 'b'"),
        (TERM.format("a") + TERM.format("a"), r":7: 'a' is there twice"),
        (TERM.format("a").replace("bits", "bit"), r":1: there is no pane 'bit'"),
        (TERM.format("a").replace("plain", "plane"), r":1: 'plain' is missing"),
        (TERM.format("a") + 'more = "x"\n', r":1: there is no key 'more'"),
        (TERM.format("a") + "[[term]\n", r"line 7"),
    ],
)
def test_a_mistake_in_the_glossary_is_named_with_its_line(tmp_path: Path, content: str, complaint: str) -> None:
    with pytest.raises(WordsError, match=re.escape(str(tmp_path)) + ".*" + complaint):
        read_glossary(written(tmp_path / "glossary.toml", content))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('[a]\nshows = "x"\nterms = ["scale", "code", "ulp"]\n', r":1: 'try' is missing"),
        ('\n[a]\nshows = "x"\nterms = ["scale", "code", "none"]\ntry = "y"', r":2: 'none' is not in the glossary"),
        ('\n\n[a]\nshows = "x"\nterms = ["scale", "code"]\ntry = "y"', r":3: a card has 3 terms, not 2"),
        ('\n[a]\nshows = ["x"]\nterms = ["scale", "code", "ulp"]\ntry = "y"', r":2: 'shows' is .* no str"),
        ("a = 1", r":1: a table"),
    ],
)
def test_a_mistake_in_a_card_is_named_with_its_line(tmp_path: Path, content: str, complaint: str) -> None:
    with pytest.raises(WordsError, match=re.escape(str(tmp_path)) + ".*" + complaint):
        read_cards(written(tmp_path / "bits.toml", content), "bits", glossary())
