"""Reads the glossary and the cards, once each and only when they are wanted."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from qtui.paths import parse_toml

FOLDER = os.path.dirname(os.path.abspath(__file__))
GLOSSARY = os.path.join(FOLDER, "glossary.toml")
PANES = ("welcome", "memory", "bits", "quantizer", "errors", "plan", "quality")
TERMS_ON_A_CARD = 3

_PLACEHOLDER = re.compile(r"\{([a-z_]+\.[a-z_]+)\}")


class WordsError(Exception):
    """The package's own words are not as they should be; the message names file and line."""


@dataclass(frozen=True)
class GlossaryTerm:
    """A term of art: the plain word or phrase for it, one or two sentences, and the panes whose help lists it."""

    name: str
    plain: str
    text: str
    panes: tuple[str, ...]


@dataclass(frozen=True)
class ViewCard:
    """What one view of a pane shows, its three terms, and something to try."""

    pane: str
    view: str
    shows: str
    terms: tuple[GlossaryTerm, ...]
    attempt: str  # "try" in the file; it and `shows` have {pane.action} for keys

    def with_keys(self, key_of: Callable[[str], str]) -> ViewCard:
        """The card with `key_of("pane.action")` in the place of each key."""
        shows, attempt = (
            _PLACEHOLDER.sub(lambda match: key_of(match[1]), text) for text in (self.shows, self.attempt)
        )
        return replace(self, shows=shows, attempt=attempt)

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions whose keys it names."""
        return tuple(_PLACEHOLDER.findall(f"{self.shows} {self.attempt}"))


@lru_cache(maxsize=1)
def glossary() -> dict[str, GlossaryTerm]:
    """All terms by name, in alphabetical order. Raises WordsError."""
    return read_glossary(GLOSSARY)


def terms_of(pane: str) -> tuple[GlossaryTerm, ...]:
    """The terms that the help of `pane` lists."""
    return tuple(term for term in glossary().values() if pane in term.panes)


@lru_cache(maxsize=len(PANES))
def cards(pane: str) -> dict[str, ViewCard]:
    """The cards of a pane by view; empty where it has none. Raises WordsError."""
    path = os.path.join(FOLDER, "cards", f"{pane}.toml")
    return read_cards(path, pane, glossary()) if os.path.exists(path) else {}


def read_glossary(path: str) -> dict[str, GlossaryTerm]:
    """The terms in the file at `path`. Raises WordsError."""
    text, data = _parsed(path)
    lines = _lines_of(text, "[[term]]")
    terms: dict[str, GlossaryTerm] = {}
    for line, entry in zip(lines, data.get("term", []), strict=True):
        where = f"{path}:{line}"
        _only(where, entry, {"name": str, "plain": str, "text": str, "panes": list})
        term = GlossaryTerm(entry["name"], entry["plain"], entry["text"], tuple(entry["panes"]))
        unknown = set(term.panes) - set(PANES)
        if unknown:
            raise WordsError(f"{where}: there is no pane {min(unknown)!r}")
        if term.name in terms:
            raise WordsError(f"{where}: {term.name!r} is there twice")
        last = next(reversed(terms), "")
        if term.name.casefold() < last.casefold():
            raise WordsError(f"{where}: {term.name!r} stands after {last!r}; terms are alphabetical")
        terms[term.name] = term
    return terms


def read_cards(path: str, pane: str, known: dict[str, GlossaryTerm]) -> dict[str, ViewCard]:
    """The cards in the file at `path`, with terms among `known`. Raises WordsError."""
    text, data = _parsed(path)
    by_view: dict[str, ViewCard] = {}
    for view, entry in data.items():
        where = f"{path}:{_line_of(text, f'[{view}]')}"
        _only(where, entry, {"shows": str, "terms": list, "try": str})
        names = entry["terms"]
        missing = [name for name in names if name not in known]
        if missing:
            raise WordsError(f"{where}: {missing[0]!r} is not in the glossary")
        if len(set(names)) != TERMS_ON_A_CARD:
            raise WordsError(f"{where}: a card has {TERMS_ON_A_CARD} terms, not {len(set(names))}")
        terms = tuple(known[name] for name in names)
        by_view[view] = ViewCard(pane, view, entry["shows"].strip(), terms, entry["try"].strip())
    return by_view


def _parsed(path: str) -> tuple[str, dict[str, Any]]:
    """The text of a TOML file, and what it says."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        data = parse_toml(text)
    except ValueError as error:  # TOMLDecodeError is one, and names the line
        raise WordsError(f"{path}: {error}") from None
    return text, data


def _only(where: str, entry: Any, kinds: dict[str, type]) -> None:
    """Raise WordsError unless `entry` has exactly these keys, with values of these types that say something."""
    if not isinstance(entry, dict):
        raise WordsError(f"{where}: a table is expected here")
    for key, kind in kinds.items():
        if not isinstance(entry.get(key), kind) or not entry[key]:
            raise WordsError(f"{where}: {key!r} is missing, empty or no {kind.__name__}")
    further = entry.keys() - kinds.keys()
    if further:
        raise WordsError(f"{where}: there is no key {min(further)!r}")


def _lines_of(text: str, header: str) -> list[int]:
    """The numbers of the lines that are `header`."""
    return [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == header]


def _line_of(text: str, header: str) -> int:
    return next(iter(_lines_of(text, header)), 1)
