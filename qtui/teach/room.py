"""The state of a class: who is here, where the class is, who follows, the question that is asked.

A `Room` knows no sockets and no clock. It is told what came over which line, and when; it answers with what to send
over which line. Lines are numbers, given by whoever holds them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qtui.teach.messages import (
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
    Roster,
    Rule,
    Seen,
    Show,
    Spotlight,
    Welcome,
)
from qtui.teach.polls import AskedQuestion, question_of, results
from qtui.teach.protocol import NAME, Message, clean
from qtui.teach.roster import Student, roster_row

Sent = list[tuple[int, Message]]  # messages with the line of each; after a Bye the line is to be closed
REMEMBERED = 64  # states whose time is kept, to tell how late students see them
AWAY = "the teacher is away; the class stays where it is"


class Room:
    """One class. `key` is what the teacher leads with; `token` makes a secret for each student."""

    def __init__(self, key: str, token: Callable[[], str], most: int = 100, door: str = "") -> None:
        self._key = key
        self._token = token
        self._most = most
        self._door = door
        self._students: dict[int, Student] = {}
        self._at: dict[int, int] = {}  # line -> student
        self._last = 0  # student's number
        self._sent_at: dict[int, float] = {}
        self.origins: dict[int, str] = {}
        self.leader: int | None = None
        self.pinned = False
        self.locked = False
        self.state = ClassState()
        self.question: AskedQuestion | None = None
        self.asked: list[AskedQuestion] = []  # those that are over

    @property
    def students(self) -> tuple[Student, ...]:
        """All students, in the order in which they joined."""
        return tuple(self._students.values())

    @property
    def here(self) -> tuple[Student, ...]:
        """The students who are here."""
        return tuple(student for student in self._students.values() if student.line is not None)

    def student_at(self, line: int) -> Student | None:
        """The student at `line`."""
        return self._students.get(self._at.get(line, 0))

    def handle(self, line: int, message: Message, now: float) -> Sent:
        """The messages to send in answer to `message`, which came over `line` at `now` (seconds)."""
        if isinstance(message, Join):
            return self._join(line, message, now)
        if isinstance(message, Lead):
            return self._lead(line, message)
        student = self.student_at(line)
        if student is not None:
            return self._of_student(student, message, now)
        if line == self.leader:
            return self._of_leader(message, now)
        return [(line, Bye("first say who you are"))]

    def leave(self, line: int) -> Sent:
        """A line is closed."""
        self.origins.pop(line, None)
        if line == self.leader:
            self.leader = None
            return self._to_all(Notice(AWAY))
        student = self._students.get(self._at.pop(line, 0))
        if student is not None:
            self._put(replace(student, line=None))
        return []

    def roster(self, now: float) -> Roster:
        """Who is here, or has an answer that counts, for the teacher."""
        rows = tuple(roster_row(student, self._has_answered(student), now) for student in self.here)
        return Roster(rows, self.pinned, self.locked)

    def tally(self) -> Poll:
        """The question as the teacher sees it."""
        if self.question is None:
            return Poll()
        return self.question.message(None, len(self.here), self._muted)

    # Students.

    def _join(self, line: int, join: Join, now: float) -> Sent:
        if line in self._at or line == self.leader:
            return [(line, Bye("you have joined already"))]
        known = self._known(join, self.origins.get(line, ""))
        if known is None and self.locked:
            return [(line, Bye("the teacher has closed the door; nobody new comes in now"))]
        if known is None and len(self.here) >= self._most:
            return [(line, Bye(f"the class is full ({self._most} students); ask the teacher"))]
        sent: Sent = []
        if known is None:
            self._last += 1
            known = Student(self._last, self._free(join.name), self._token(), self.origins.get(line, ""))
            self._forget_some()
        elif known.line is not None:
            sent.append((known.line, Bye("you have come in from elsewhere")))
            self._at.pop(known.line)
        known = replace(known, line=line, since=now, active=now, following=known.following or self.pinned)
        self._at[line] = known.student
        self._put(known)
        where = known.scenario if not known.following else {}
        sent.append((line, Welcome(known.name, known.token, where, known.following)))
        sent.append((line, replace(self.state, called=False)))
        if self.question is not None:
            sent.append((line, self.question.message(known.student, len(self.here), self._muted)))
        if self.leader is None:
            sent.append((line, Notice(AWAY if self.state.number else "the teacher has not come yet")))
        return sent

    def _known(self, join: Join, origin: str) -> Student | None:
        """A student who was here before, recognised by the token, or by name and origin."""
        for student in self._students.values():
            if join.token and student.token == join.token:
                return student
        for student in self._students.values():
            same_place = origin != "" and student.origin == origin
            if same_place and student.line is None and student.name == join.name:
                return student
        return None

    def _free(self, name: str) -> str:
        """`name`, with a number behind it where somebody has it already."""
        taken = {student.name for student in self._students.values()}
        if name not in taken:
            return name
        number = 2
        while (longer := f"{clean(name, NAME - 1 - len(str(number)))} {number}") in taken:
            number += 1
        return longer

    def _forget_some(self) -> None:
        away = [number for number, student in self._students.items() if student.line is None]
        for number in away[: max(0, len(self._students) - 4 * self._most)]:
            del self._students[number]

    def _of_student(self, student: Student, message: Message, now: float) -> Sent:
        if isinstance(message, Place):
            following = message.following or self.pinned
            self._put(replace(student, scenario=message.scenario, following=following, active=now))
        elif isinstance(message, Seen):
            sent_at = self._sent_at.get(message.number)
            if sent_at is not None and sent_at >= student.since:  # else it was on show before this line began
                self._put(replace(student, lag=round(1000 * (now - sent_at))))
        elif isinstance(message, Answer) and self.question is not None and message.poll == self.question.number:
            self.question = self.question.answered(student.student, message)
            self._put(replace(student, active=now))
        return []

    # The teacher.

    def _lead(self, line: int, lead: Lead) -> Sent:
        if lead.key != self._key or line in self._at:
            return [(line, Bye("this key does not open the class"))]
        sent: Sent = []
        if self.leader not in (None, line):
            sent.append((self.leader or 0, Bye("the class is led from elsewhere now")))
        self.leader = line
        sent.append((line, Welcome("teacher", "", self.state.scenario, True, self._door)))
        return [*sent, *self._to_all(Notice("the teacher is here"))]

    def _of_leader(self, message: Message, now: float) -> Sent:
        if isinstance(message, Show):
            return self._show(ClassState(scenario=message.scenario, cursor=message.cursor), now)
        if isinstance(message, Call):
            return self._call(now)
        if isinstance(message, Rule):
            self.locked = message.locked
            if message.pinned != self.pinned:
                self.pinned = message.pinned
                return self._call(now) if self.pinned else self._show(replace(self.state, called=False), now)
        elif isinstance(message, Spotlight):
            return self._spotlight(message.student, now)
        elif isinstance(message, Mute | Kick):
            return self._discipline(message)
        elif isinstance(message, Ask):
            return self._ask(message)
        elif isinstance(message, Reveal):
            return self._reveal()
        elif isinstance(message, Results) and self.leader is not None:
            everybody = ((student.student, student.name) for student in self.students)
            asked = (*self.asked, *([self.question] if self.question is not None else []))
            return [(self.leader, Results(results(everybody, asked)))]
        return []

    def _show(self, state: ClassState, now: float) -> Sent:
        number = self.state.number + 1
        self.state = replace(state, number=number, pinned=self.pinned)
        self._sent_at[number] = now
        self._sent_at.pop(number - REMEMBERED, None)
        return self._to_all(self.state)

    def _call(self, now: float) -> Sent:
        for student in self.here:
            self._put(replace(student, following=True))
        return self._show(replace(self.state, called=True), now)

    def _spotlight(self, number: int, now: float) -> Sent:
        student = self._students.get(number)
        if student is None or student.muted or not student.scenario or self.leader is None:
            return []
        state = ClassState(scenario=student.scenario, called=True, whose=student.name)
        for other in self.here:
            self._put(replace(other, following=True))
        sent = self._show(state, now)
        return [(self.leader, self.state), *sent]

    def _discipline(self, message: Mute | Kick) -> Sent:
        student = self._students.get(message.student)
        if student is None:
            return []
        if isinstance(message, Mute):
            self._put(replace(student, muted=message.on))
            return []
        del self._students[student.student]
        if student.line is None:
            return []
        self._at.pop(student.line)
        return [(student.line, Bye("the teacher has asked you to leave"))]

    def _ask(self, ask: Ask) -> Sent:
        question = question_of(ask, self._questions + 1)
        self._set_aside()
        self.question = question
        return self._to_each_question() if question is not None else self._to_all(Poll())

    @property
    def _questions(self) -> int:
        return self.question.number if self.question is not None else self.asked[-1].number if self.asked else 0

    def _reveal(self) -> Sent:
        if self.question is None:
            return []
        if not self.question.revealed:
            self.question = replace(self.question, revealed=True)
            return self._to_each_question()
        self._set_aside()
        return self._to_all(Poll())

    def _set_aside(self) -> None:
        if self.question is not None:
            self.asked.append(self.question)
            self.question = None

    # Everybody.

    @property
    def _muted(self) -> frozenset[int]:
        return frozenset(student.student for student in self._students.values() if student.muted)

    def _has_answered(self, student: Student) -> bool:
        return self.question is not None and student.student in self.question.answers

    def _put(self, student: Student) -> None:
        self._students[student.student] = student

    def _to_all(self, message: Message) -> Sent:
        return [(line, message) for line in self._at]

    def _to_each_question(self) -> Sent:
        if self.question is None:
            return []
        here = len(self.here)
        return [(line, self.question.message(student, here, self._muted)) for line, student in self._at.items()]
