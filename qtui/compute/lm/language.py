"""A small language whose entropy is known exactly: sums and sentences, one a line.

A line is a one-digit sum ("2+2=4"), a two-digit sum ("25+17=42") or an English sentence whose verb agrees with its
subject, also across a phrase in between ("the cats near the dog sleep"). The grammar is an automaton in which every
token leads to one next state, so the probability of each next token is known, and with it the least perplexity that
any model of the language can have.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import numpy as np

END = "\n"
UNKNOWN = "<unk>"
ONE_DIGIT, TWO_DIGITS, SENTENCE = 0.2, 0.3, 0.5  # shares of lines
_ADJECTIVE, _PHRASE, _OBJECT = 0.3, 0.3, 0.6  # chances in a sentence

_DIGITS = tuple("0123456789")
_DETERMINERS = {"the": "any", "a": "one", "this": "one", "two": "many", "these": "many"}
_ADJECTIVES = ("small", "big", "old", "young", "red", "quiet")
_PLACES = ("near", "behind")
_NOUNS = {
    "one": ("cat", "dog", "bird", "child", "farmer", "teacher", "fox", "mouse"),
    "many": ("cats", "dogs", "birds", "children", "farmers", "teachers", "foxes", "mice"),
}
_WITH_OBJECT = {
    "one": ("sees", "chases", "likes", "hears", "finds", "follows"),
    "many": ("see", "chase", "like", "hear", "find", "follow"),
}
_ALONE = {"one": ("sleeps", "sings", "runs", "waits"), "many": ("sleep", "sing", "run", "wait")}


class State(NamedTuple):
    """Where a line is. `number` is that of the noun to come, `subject` that of the verb's subject ("one", "many"; a
    noun may be "any"); `text` is what is written of a sum."""

    place: str
    number: str = ""
    subject: str = ""
    text: str = ""


class NextWord(NamedTuple):
    """A token that may come next, its probability, and where it leads."""

    token: str
    chance: float
    state: State


START = State("start")


def vocabulary() -> tuple[str, ...]:
    """Every token. Words inside a line carry the space before them; only determiners begin one."""
    groups = (_DETERMINERS, _ADJECTIVES, *_NOUNS.values(), _PLACES, *_WITH_OBJECT.values(), *_ALONE.values())
    words = (f" {word}" for group in groups for word in group)
    return (UNKNOWN, END, *_DIGITS, "+", "=", *_DETERMINERS, *words)


@lru_cache(maxsize=1 << 16)
def choices(state: State) -> tuple[NextWord, ...]:
    """What may follow in `state`; the chances add up to 1."""
    if state == START:
        return _line_start()
    return _sum(state.text) if state.place == "sum" else _sentence(state)


def _line_start() -> tuple[NextWord, ...]:
    share = SENTENCE / len(_DETERMINERS)
    words = (NextWord(word, share, State("noun", number, "?")) for word, number in _DETERMINERS.items())
    return (*(_written("", digit, sum(_sums_from(digit))) for digit in _DIGITS), *words)


def _sums_from(digit: str) -> tuple[float, float]:
    """Chances that a line is a one-digit sum and a two-digit sum that begins with `digit`."""
    return ONE_DIGIT / 10, TWO_DIGITS / 9 if digit != "0" else 0.0


def _sum(text: str) -> tuple[NextWord, ...]:
    """What follows in a sum of which `text` is written."""
    first, plus, rest = text.partition("+")
    second, equals, answer = rest.partition("=")
    if equals:
        right = str(int(first) + int(second))
        if len(answer) == len(right):
            return (NextWord(END, 1.0, START),)
        return (_written(text, right[len(answer)]),)
    if plus and len(second) == len(first):
        return (_written(text, "="),)
    if plus:
        digits = _DIGITS[1:] if len(first) == 2 and not second else _DIGITS
        return tuple(_written(text, digit, 1 / len(digits)) for digit in digits)
    if len(first) == 2:
        return (_written(text, "+"),)
    one, two = _sums_from(first)
    longer = (_written(text, digit, two / (one + two) / 10) for digit in _DIGITS if two)
    return (_written(text, "+", one / (one + two)), *longer)


def _written(text: str, token: str, chance: float = 1.0) -> NextWord:
    return NextWord(token, chance, State("sum", text=text + token))


def _sentence(state: State) -> tuple[NextWord, ...]:
    """What follows in a sentence. Its subject is not known ("?") until its noun is there."""
    place, number, subject, _ = state
    if place == "noun":
        adjectives = _words(_ADJECTIVES, _ADJECTIVE, State("noun alone", number, subject))
        return (*adjectives, *_nouns(number, subject, 1 - _ADJECTIVE))
    if place in ("noun alone", "noun of phrase"):
        return _nouns(number, subject, 1.0, phrase=place == "noun of phrase")
    if place == "predicate":
        return (*_words(_PLACES, _PHRASE, State("phrase", "", subject)), *_verbs(subject, 1 - _PHRASE))
    if place == "verb":
        return _verbs(subject, 1.0)
    if place == "end":
        return (NextWord(END, 1.0, START),)
    after = "noun of phrase" if place == "phrase" else "noun"  # a determiner, of a phrase or an object
    share = 1 / len(_DETERMINERS)
    return tuple(NextWord(f" {word}", share, State(after, n, subject)) for word, n in _DETERMINERS.items())


def _nouns(number: str, subject: str, share: float, phrase: bool = False) -> tuple[NextWord, ...]:
    numbers = ("one", "many") if number == "any" else (number,)
    words: list[NextWord] = []
    for which in numbers:
        if phrase:
            after = State("verb", "", subject)
        else:
            after = State("predicate", "", which) if subject == "?" else State("end")
        words += _words(_NOUNS[which], share / len(numbers), after)
    return tuple(words)


def _verbs(subject: str, share: float) -> tuple[NextWord, ...]:
    taking = _words(_WITH_OBJECT[subject], share * _OBJECT, State("object", "", "done"))
    return (*taking, *_words(_ALONE[subject], share * (1 - _OBJECT), State("end")))


def _words(words: Sequence[str], share: float, after: State) -> tuple[NextWord, ...]:
    return tuple(NextWord(f" {word}", share / len(words), after) for word in words)


def tokens(seed: int) -> Iterator[str]:
    """An endless text of the language, token by token; the same for one seed under every numpy."""
    bits = np.random.PCG64(seed)
    state = START
    while True:
        for raw in bits.random_raw(1 << 12).tolist():
            at = (raw >> 11) * 2.0**-53
            for choice in choices(state):
                at -= choice.chance
                if at < 0:
                    break
            state = choice.state
            yield choice.token


def text(seed: int, count: int) -> str:
    """The first `count` tokens of `tokens(seed)`, as text."""
    return "".join(islice(tokens(seed), count))


def true_nll(sequence: Sequence[str]) -> list[float]:
    """-ln p of each token after those before it, in nats; `sequence` begins a line. Infinite for what can't follow,
    and then until the line ends."""
    state: State | None = START
    losses = []
    for token in sequence:
        chosen = next((c for c in choices(state) if c.token == token), None) if state is not None else None
        losses.append(-math.log(chosen.chance) if chosen is not None else math.inf)
        state = START if token == END else chosen.state if chosen is not None else None
    return losses


@lru_cache(maxsize=1)
def entropy() -> float:
    """Nats a token in the long run: the entropy of a line over its expected length."""
    nats, length = _expected(START, first=True)
    return nats / length


def _expected(state: State, first: bool = False) -> tuple[float, float]:
    """Expected nats and tokens from `state` to the end of the line."""
    if state == START and not first:
        return 0.0, 0.0
    nats = length = 0.0
    for choice in choices(state):
        more, further = _rest(choice.state)
        nats += choice.chance * (more - math.log(choice.chance))
        length += choice.chance * (further + 1)
    return nats, length


@lru_cache(maxsize=1 << 16)
def _rest(state: State) -> tuple[float, float]:
    return _expected(state)
