"""The messages of a class: what students, the teacher and the room say. How they travel: `protocol`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qtui.teach.protocol import (
    Message,
    Scenario,
    any_text,
    choices_value,
    cursor_value,
    fields_of,
    flag_value,
    name_value,
    number_value,
    numbers_value,
    picture_value,
    require,
    scenario_value,
    takes,
    text_value,
    token_value,
)


@dataclass(frozen=True)
class Join(Message):
    """Student: here I am. `token` is what an earlier welcome gave."""

    WORD = "join"
    name: str = takes(name_value, "student")
    token: str = takes(token_value, "")


@dataclass(frozen=True)
class Place(Message):
    """Student: where I am, and whether I follow."""

    WORD = "place"
    scenario: Scenario = takes(scenario_value, {})
    following: bool = takes(flag_value, True)


@dataclass(frozen=True)
class Answer(Message):
    """Student: my choice in a poll, or the number that it asks for, as text."""

    WORD = "answer"
    poll: int = takes(number_value, 0)
    choice: int = takes(number_value, -1)
    text: str = takes(text_value, "")


@dataclass(frozen=True)
class Seen(Message):
    """Student: the state of that number is on my screen."""

    WORD = "seen"
    number: int = takes(number_value, 0)


@dataclass(frozen=True)
class Drawn(Message):
    """A process that draws for many: the state of that number looks like that."""

    WORD = "drawn"
    number: int = takes(number_value, 0)
    picture: Mapping[str, Any] = takes(picture_value, {})


@dataclass(frozen=True)
class Lead(Message):
    """Teacher: here I am."""

    WORD = "lead"
    key: str = takes(token_value, "")


@dataclass(frozen=True)
class Show(Message):
    """Teacher: where I am."""

    WORD = "show"
    scenario: Scenario = takes(scenario_value, {})
    cursor: tuple[int, ...] = takes(cursor_value, ())


@dataclass(frozen=True)
class Rule(Message):
    """Teacher: pin (nobody explores) or lock (nobody new comes in), or take that back."""

    WORD = "rule"
    pinned: bool = takes(flag_value, False)
    locked: bool = takes(flag_value, False)


@dataclass(frozen=True)
class Call(Message):
    """Teacher: everybody follow."""

    WORD = "call"


@dataclass(frozen=True)
class Spotlight(Message):
    """Teacher: show everybody where this student is."""

    WORD = "spotlight"
    student: int = takes(number_value, 0)


@dataclass(frozen=True)
class Mute(Message):
    """Teacher: don't count this student's answers, or count them again."""

    WORD = "mute"
    student: int = takes(number_value, 0)
    on: bool = takes(flag_value, True)


@dataclass(frozen=True)
class Kick(Message):
    """Teacher: this student leaves."""

    WORD = "kick"
    student: int = takes(number_value, 0)


@dataclass(frozen=True)
class Ask(Message):
    """Teacher: a question to all; an empty one takes the last one away.

    Without `choices` a number is asked for. `right` is the choice that is right, -1 for none, `truth` what is true in
    words. `shown` says that the class's pane asks it itself, and tells who has answered: the first answer counts.
    """

    WORD = "ask"
    question: str = takes(text_value, "")
    choices: tuple[str, ...] = takes(choices_value, ())
    right: int = takes(number_value, -1)
    truth: str = takes(text_value, "")
    shown: bool = takes(flag_value, False)


@dataclass(frozen=True)
class Reveal(Message):
    """Teacher: show everybody how the class has answered; once more takes the question away."""

    WORD = "reveal"


@dataclass(frozen=True)
class Results(Message):
    """Teacher: the results, please; and the answer, a table as CSV."""

    WORD = "results"
    csv: str = takes(any_text, "")


@dataclass(frozen=True)
class End(Message):
    """Teacher: the class is over."""

    WORD = "end"


@dataclass(frozen=True)
class Welcome(Message):
    """Room: you are in, under this name. `scenario` is where you were, empty for where the class is."""

    WORD = "welcome"
    name: str = takes(name_value, "student")
    token: str = takes(token_value, "")
    scenario: Scenario = takes(scenario_value, {})
    following: bool = takes(flag_value, True)
    door: str = takes(text_value, "")  # to the teacher: how students come in


@dataclass(frozen=True)
class ClassState(Message):
    """Room: where the class is. `whose` is the student whose state it is, "" for the teacher's.

    `picture` is how that looks in a window such as the student's, where it has been drawn; `coming` says that it is
    being drawn.
    """

    WORD = "state"
    number: int = takes(number_value, 0)
    scenario: Scenario = takes(scenario_value, {})
    cursor: tuple[int, ...] = takes(cursor_value, ())
    pinned: bool = takes(flag_value, False)
    called: bool = takes(flag_value, False)  # those who explore come, too
    whose: str = takes(text_value, "")
    picture: Mapping[str, Any] = takes(picture_value, {})
    coming: bool = takes(flag_value, False)


@dataclass(frozen=True)
class Poll(Message):
    """Room: a question. `number` is 0 where there is none; `counts` are empty until they are shown.

    Where a number is asked for, `choices` are what has been answered, and empty until that is shown.
    """

    WORD = "poll"
    number: int = takes(number_value, 0)
    question: str = takes(text_value, "")
    choices: tuple[str, ...] = takes(choices_value, ())
    counts: tuple[int, ...] = takes(numbers_value, ())
    mine: int = takes(number_value, -1)
    right: int = takes(number_value, -1)
    here: int = takes(number_value, 0)  # how many are asked
    answered: bool = takes(flag_value, False)  # by who gets this
    revealed: bool = takes(flag_value, False)
    truth: str = takes(text_value, "")
    shown: bool = takes(flag_value, False)


@dataclass(frozen=True)
class Notice(Message):
    """Room: a sentence to read."""

    WORD = "notice"
    text: str = takes(text_value, "")


@dataclass(frozen=True)
class Bye(Message):
    """Room: you are out, and why."""

    WORD = "bye"
    text: str = takes(text_value, "")


@dataclass(frozen=True)
class RosterRow(Message):
    """A student in the roster. `lag` is in milliseconds, -1 where it is not known; `idle` in seconds since a key."""

    WORD = "row"
    student: int = takes(number_value, 0)
    name: str = takes(text_value, "")
    following: bool = takes(flag_value, True)
    where: str = takes(text_value, "")
    answered: bool = takes(flag_value, False)
    muted: bool = takes(flag_value, False)
    idle: int = takes(number_value, 0)
    lag: int = takes(number_value, -1)


def _rows(value: Any, name: str) -> tuple[RosterRow, ...]:
    require(isinstance(value, list), name)
    return tuple(fields_of(RosterRow, row) for row in value)


@dataclass(frozen=True)
class Roster(Message):
    """Room, to the teacher: who is here."""

    WORD = "roster"
    rows: tuple[RosterRow, ...] = takes(_rows, ())
    pinned: bool = takes(flag_value, False)
    locked: bool = takes(flag_value, False)


OF_STUDENTS: tuple[type[Message], ...] = (Join, Place, Answer, Seen)
OF_DRAWERS: tuple[type[Message], ...] = (Drawn,)
OF_LEADER: tuple[type[Message], ...] = (Lead, Show, Rule, Call, Spotlight, Mute, Kick, Ask, Reveal, Results, End)
OF_ROOM: tuple[type[Message], ...] = (Welcome, ClassState, Poll, Notice, Bye, Roster, Results)
