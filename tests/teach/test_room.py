"""The state of a class, by what is said in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from qtui.teach.messages import (
    OF_LEADER,
    OF_ROOM,
    OF_STUDENTS,
    Answer,
    Ask,
    Bye,
    Call,
    ClassState,
    Join,
    Kick,
    Lead,
    Mute,
    Notice,
    Place,
    Poll,
    Results,
    Reveal,
    RosterRow,
    Rule,
    Seen,
    Show,
    Spotlight,
    Welcome,
)
from qtui.teach.polls import AskedQuestion
from qtui.teach.protocol import LONGEST_TO_LEADER, Message, decode, encode
from qtui.teach.room import Room, Sent

TEACHER = 1
BITS, MEM = {"pane": "bits", "value": "0.1"}, {"pane": "mem"}


def tokens() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"t{number}"


class Class:
    """A room and what each line was last sent of each kind."""

    def __init__(self, **options: object) -> None:
        made = tokens()
        self.room = Room("key", lambda: next(made), **options)  # type: ignore[arg-type]
        self.now = 0.0
        self.seen: dict[int, list[Message]] = {}

    def say(self, line: int, *messages: Message) -> None:
        for message in messages:
            self.take(self.room.handle(line, message, self.now))

    def take(self, sent: Sent) -> None:
        for line, message in sent:
            self.seen.setdefault(line, []).append(message)
            if isinstance(message, Bye):
                self.room.leave(line)

    def last(self, line: int, kind: type[Message]) -> Message | None:
        return next((m for m in reversed(self.seen.get(line, [])) if isinstance(m, kind)), None)

    def started(self, *names: str) -> Class:
        self.say(TEACHER, Lead("key"), Show(MEM))
        for line, name in enumerate(names, 2):
            self.say(line, Join(name))
        return self

    def rows(self) -> dict[str, RosterRow]:
        return {row.name: row for row in self.room.roster(self.now).rows}


def test_who_joins_sees_where_the_class_is_and_follows() -> None:
    room = Class().started("Ann")
    assert room.last(2, Welcome) == Welcome("Ann", "t1", {}, True)
    assert room.last(2, ClassState) == ClassState(1, MEM)
    room.say(TEACHER, Show(BITS, (3,)))
    assert room.last(2, ClassState) == ClassState(2, BITS, (3,))
    assert room.rows()["Ann"].following


def test_exploring_is_seen_and_a_call_brings_everybody_back() -> None:
    room = Class().started("Ann", "Ben")
    room.say(2, Place(BITS, False))
    assert room.rows()["Ann"] == RosterRow(1, "Ann", following=False, where="bits")
    room.say(TEACHER, Call())
    assert room.last(2, ClassState) == ClassState(2, MEM, called=True)
    assert room.rows()["Ann"].following


def test_pinned_nobody_explores_until_released() -> None:
    room = Class().started("Ann")
    room.say(2, Place(BITS, False))
    room.say(TEACHER, Rule(pinned=True))
    assert room.last(2, ClassState) == ClassState(2, MEM, pinned=True, called=True)
    room.say(2, Place(BITS, False))
    assert room.rows()["Ann"].following
    room.say(TEACHER, Rule())
    assert room.last(2, ClassState) == ClassState(3, MEM)


def test_behind_a_closed_door_only_those_come_in_who_were_here() -> None:
    room = Class().started("Ann")
    room.say(TEACHER, Rule(locked=True))
    room.say(3, Join("Ben"))
    assert isinstance(room.last(3, Bye), Bye)
    room.room.leave(2)
    room.say(4, Join("Ann", "t1"))
    assert isinstance(room.last(4, Welcome), Welcome)


def test_one_students_place_becomes_everybodys() -> None:
    room = Class().started("Ann", "Ben")
    room.say(2, Place(BITS, False))
    room.say(TEACHER, Spotlight(1))
    expected = ClassState(2, BITS, called=True, whose="Ann")
    assert room.last(TEACHER, ClassState) == room.last(2, ClassState) == room.last(3, ClassState) == expected
    room.say(TEACHER, Mute(1), Spotlight(1))
    assert room.last(3, ClassState) == expected


def test_a_line_that_drops_and_comes_back_finds_its_place() -> None:
    room = Class().started()
    room.room.origins[2] = "10.0.0.1 ann"
    room.say(2, Join("Ann"), Place(BITS, False))
    room.room.leave(2)
    assert room.rows() == {}
    room.room.origins[3] = "10.0.0.1 ann"
    room.say(3, Join("Ann"))
    assert room.last(3, Welcome) == Welcome("Ann", "t1", BITS, False)
    room.say(4, Join("Ann"))
    assert room.last(4, Welcome) == Welcome("Ann 2", "t2", {}, True)


def test_a_token_takes_the_place_over_from_a_line_that_has_not_dropped_yet() -> None:
    room = Class().started("Ann")
    room.say(3, Join("Ann", "t1"))
    assert isinstance(room.last(2, Bye), Bye)
    assert len(room.room.here) == 1 and room.room.student_at(3) is not None


def test_the_class_stays_while_the_teacher_is_away() -> None:
    room = Class().started("Ann")
    room.take(room.room.leave(TEACHER))
    assert isinstance(room.last(2, Notice), Notice)
    room.say(9, Lead("key"))
    assert room.last(9, Welcome) == Welcome("teacher", "", MEM, True)


def test_no_key_no_lead() -> None:
    room = Class().started("Ann")
    room.say(5, Lead("guess"))
    room.say(2, Lead("key"))
    assert isinstance(room.last(5, Bye), Bye) and isinstance(room.last(2, Bye), Bye)
    assert room.room.leader == TEACHER
    room.say(6, Show(BITS))
    room.say(3, Show(BITS))
    assert room.room.state == ClassState(1, MEM)


def test_a_question_its_tally_and_what_students_see() -> None:
    room = Class().started("Ann", "Ben", "Cem")
    room.say(TEACHER, Ask("Which?", ("a", "b"), 1))
    assert room.last(2, Poll) == Poll(1, "Which?", ("a", "b"), here=3)
    room.say(2, Answer(1, 1))
    room.say(3, Answer(1, 0), Answer(1, 1), Answer(1, 7), Answer(2, 0))
    room.say(4, Answer(1, 0))
    assert room.room.tally().counts == (1, 2) and room.rows()["Ann"].answered
    room.say(TEACHER, Mute(3))
    assert room.room.tally().counts == (0, 2)
    room.say(TEACHER, Reveal())
    assert room.last(2, Poll) == Poll(1, "Which?", ("a", "b"), (0, 2), 1, 1, 3, True, True)
    room.say(2, Answer(1, 0))
    room.say(TEACHER, Reveal())
    assert room.last(2, Poll) == Poll() and room.room.tally() == Poll()
    room.say(TEACHER, Results())
    (table,) = [m.csv for m in room.seen[TEACHER] if isinstance(m, Results)]
    rows = list(csv.reader(io.StringIO(table)))
    assert rows == [["name", "Which?"], ["(right)", "b"], ["Ann", "b"], ["Ben", "b"], ["Cem", "a"]]


def test_a_number_is_asked_for_and_the_first_answer_counts() -> None:
    room = Class().started("Ann", "Ben", "Cem", "Dan")
    room.say(TEACHER, Ask("How many?", truth="16 codes", shown=True))
    for line, text in (
        (2, "16"),
        (2, "17"),
        (3, "1,024"),
        (4, "1e999"),
        (4, "sixteen"),
        (4, "1; x"),
        (5, "\u22122.5"),
    ):
        room.say(line, Answer(1, text=text))
    assert room.room.tally() == Poll(1, "How many?", ("-2.5", "16", "1024"), (1, 1, 1), here=4, shown=True)
    assert room.last(2, Poll) == Poll(1, "How many?", here=4, shown=True)
    room.say(TEACHER, Reveal())
    expected = Poll(1, "How many?", ("-2.5", "16", "1024"), (1, 1, 1), -1, -1, 4, True, True, "16 codes", True)
    assert room.last(2, Poll) == expected
    room.say(TEACHER, Ask(), Results())
    assert room.last(2, Poll) == Poll()
    (table,) = [m.csv for m in room.seen[TEACHER] if isinstance(m, Results)]
    assert table.splitlines()[1:] == ["(right),16 codes", "Ann,16", "Ben,1024", "Cem,", "Dan,-2.5"]


@given(st.lists(st.floats(-1e9, 1e9, width=32), min_size=1, max_size=40))
def test_numbers_are_grouped_into_few_rows_and_none_is_lost(values: list[float]) -> None:
    question = AskedQuestion(1, Ask("?"))
    for student, value in enumerate(values):
        question = question.answered(student, Answer(1, text=f"{value:f}"))
    names, counts = question.tally()
    assert len(names) == len(counts) <= 9 and sum(counts) == len(values)


def test_no_name_is_a_formula_for_a_spreadsheet() -> None:
    room = Class().started("=1+1")
    room.say(TEACHER, Results())
    assert "\n'=1+1\n" in next(m.csv for m in room.seen[TEACHER] if isinstance(m, Results))


def test_kicked_is_out_and_full_is_full() -> None:
    room = Class(most=2).started("Ann", "Ben", "Cem")
    assert isinstance(room.last(4, Bye), Bye)
    room.say(TEACHER, Kick(1))
    assert isinstance(room.last(2, Bye), Bye) and list(room.rows()) == ["Ben"]
    room.say(5, Join("Cem"))
    assert isinstance(room.last(5, Welcome), Welcome)


def test_how_late_a_student_sees_the_teacher() -> None:
    room = Class().started("Ann")
    room.now = 0.25
    room.say(2, Seen(1), Seen(77))
    assert room.rows()["Ann"].lag == 250


LINES = st.integers(1, 6)
SCENARIOS = st.sampled_from([BITS, MEM, {}])
MESSAGES = st.one_of(
    st.builds(Join, st.sampled_from(["Ann", "Ben", "=x"]), st.sampled_from(["", "t1", "t2"])),
    st.builds(Lead, st.sampled_from(["key", "no"])),
    st.builds(Place, SCENARIOS, st.booleans()),
    st.builds(Seen, st.integers(0, 5)),
    st.builds(Answer, st.integers(0, 3), st.integers(-1, 4)),
    st.builds(Show, SCENARIOS),
    st.builds(Rule, st.booleans(), st.booleans()),
    st.builds(Spotlight, st.integers(0, 5)),
    st.builds(Mute, st.integers(0, 5), st.booleans()),
    st.builds(Kick, st.integers(0, 5)),
    st.builds(Ask, st.sampled_from(["", "Q?"]), st.sampled_from([(), ("a", "b")]), st.integers(-1, 3)),
    st.just(Reveal()),
    st.just(Call()),
    st.just(Results()),
)
STEPS = st.lists(st.one_of(st.tuples(LINES, MESSAGES), st.tuples(LINES, st.none())), max_size=40)


@settings(max_examples=150)
@given(STEPS)
def test_whatever_is_said_the_class_stays_in_order(steps: list[tuple[int, Message | None]]) -> None:
    lesson = Class(most=4)
    for line, message in steps:
        lesson.now += 1.0
        if message is None:
            lesson.take(lesson.room.leave(line))
        else:
            sent = lesson.room.handle(line, message, lesson.now)
            for _, reply in sent:
                assert decode(encode(reply), OF_ROOM, LONGEST_TO_LEADER) == reply
            lesson.take(sent)
        room = lesson.room
        names = [student.name for student in room.students]
        lines = [student.line for student in room.here]
        assert len(set(names)) == len(names) and len(set(lines)) == len(lines) <= 4
        assert room.leader not in lines
        assert all(room.student_at(line) is student for line, student in zip(lines, room.here, strict=True) if line)
        assert not room.pinned or all(student.following for student in room.here)
        tally = room.tally()
        assert sum(tally.counts) <= len(room.students)


@given(MESSAGES)
def test_messages_come_out_as_they_went_in(message: Message) -> None:
    again = decode(encode(message), OF_STUDENTS + OF_LEADER)
    assert decode(encode(again), OF_STUDENTS + OF_LEADER) == again
