"""The teacher's side: tells the class what is on show, and has the class's roster, questions and rules."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from textual.app import App

from qtui.paths import write_atomically
from qtui.scenario.base import Scenario, UserError
from qtui.teach.messages import (
    Ask,
    Bye,
    Call,
    ClassState,
    End,
    Kick,
    Lead,
    Mute,
    Poll,
    Results,
    Reveal,
    Roster,
    RosterRow,
    Rule,
    Show,
    Spotlight,
    Welcome,
)
from qtui.teach.protocol import Message
from qtui.tui.follow.classroom import Classroom
from qtui.tui.follow.link import Link
from qtui.tui.follow.pictures import HEADING, roster_heading, roster_note, roster_table
from qtui.tui.follow.questions import ask_at, step_at
from qtui.tui.follow.states import from_line, to_line
from qtui.tui.keymap import CLASS, WITH_CLASS
from qtui.tui.widgets.line_dialog import LineDialog
from qtui.tui.widgets.picker import Picker

OFTEN = 0.05  # seconds between two reports of where the class is: a held key would send thirty
QUESTIONS = (("yes or no", ("yes", "no")), ("A to D", ("A", "B", "C", "D")), ("1 to 5", ("1", "2", "3", "4", "5")))


def question_in(text: str) -> Ask | None:
    """The question that is typed as "question | answer | *right answer"; None without two answers."""
    question, *answers = (part.strip() for part in text.split("|"))
    right = next((number for number, answer in enumerate(answers) if answer.startswith("*")), -1)
    choices = tuple(answer.removeprefix("*").strip() for answer in answers)
    if not question or len(choices) < 2 or not all(choices):
        return None
    return Ask(question, choices, right)


class Leader(Classroom):
    """Leads the class with `key`."""

    def __init__(self, app: App[int], link: Link, key: Callable[[], str]) -> None:
        super().__init__(app, link)
        self._key = key
        self.roster = Roster()
        self._door = ""
        self._led = False
        self._showing: Scenario | None = None  # a student's place that everybody is shown already
        self._step = ("", "")  # of the tour, where that is on show
        self._asked = False  # whether it asks something
        self._cursor: tuple[int, ...] = ()  # where the class has seen it
        self._waiting: asyncio.TimerHandle | None = None

    # The line.

    def hello(self) -> None:
        """The line is connected."""
        self._link.send(Lead(self._key()))

    def take(self, message: Message) -> None:
        """The class says something."""
        if isinstance(message, Welcome):
            self._welcome(message)
        elif isinstance(message, Roster):
            self.roster = message
            self._mark()
        elif isinstance(message, ClassState):
            self._open(message)
        elif isinstance(message, Results):
            self._save(message.csv)
        elif isinstance(message, Bye):
            self.mark("class over", "warn")
            super().take(message)
        else:
            super().take(message)

    def _welcome(self, welcome: Welcome) -> None:
        self._door = welcome.door
        self._mark()
        where = f"students type: {welcome.door}; " if welcome.door else ""
        self.host.say(f"{where}{self.key(CLASS)} the class, {self.key(WITH_CLASS)} brings everybody here")
        if welcome.scenario and not self._led:
            self._open(ClassState(scenario=welcome.scenario))
            self._step = step_at(self._showing)  # what it asks has been asked
        else:
            if not self._led:
                self._step = ("", "")
            self._show()
        self._led = True

    def _mark(self) -> None:
        self.mark(roster_note(self.roster, self.host.settings.glyphs, self.key(CLASS)), "good")

    def _open(self, state: ClassState) -> None:
        try:
            self._showing = from_line(state.scenario, by_student=state.whose != "")
        except UserError as error:
            self.host.say(str(error), "warn")
            return
        self._app.call_next(self.host.open_pane, self._showing)
        if state.whose:
            self._app.call_next(self.host.say, f"all see {state.whose}'s screen until you change something or go on")

    def lost(self, again: bool) -> None:
        """The line is closed."""
        self.mark("no line to the class" if again else "class over", "warn")

    # Where the class is.

    def acted(self) -> None:
        """A key may have moved the cursor, which no Scenario tells of."""
        pane = self.host.pane
        if pane is not None and pane.cursor != self._cursor and self._scenario is not None:
            self._showing = None
            self._show_soon()

    def moved(self, scenario: Scenario) -> None:
        """Tell the class; a stream of changes at most so often, the last one always."""
        if scenario == self._showing:
            self._cursor = self.host.pane.cursor
            return
        self._showing = None
        self._show_soon()

    def _show_soon(self) -> None:
        if self._waiting is None:
            self._show()
            sent = self._scenario, self._cursor
            self._waiting = asyncio.get_running_loop().call_later(OFTEN, self._show_last, sent)

    def _show_last(self, sent: tuple[Scenario | None, tuple[int, ...]]) -> None:
        self._waiting = None
        pane = self.host.pane
        if pane is not None and (self._scenario, pane.cursor) != sent:
            self._show_soon()

    def _show(self) -> None:
        if self._scenario is None:
            return
        self._cursor = self.host.pane.cursor if self.host.pane is not None else ()
        self._link.send(Show(to_line(self._scenario), self._cursor))
        step = step_at(self._scenario)
        if step != self._step:  # its question goes to all, and replaces the last one's
            asked, self._step = self._asked, step
            ask = ask_at(self._scenario)
            self._asked = ask is not None
            if ask is not None or asked:
                self._link.send(ask or Ask())

    # What the teacher can do.

    def call(self) -> None:
        """Call everybody here."""
        self._link.send(Call())
        self.host.say("everybody is brought here")

    def menu(self) -> None:
        """The menu of what can be done in a class."""
        deeds = self._deeds()
        names = [name for name, _ in deeds]

        def chosen(number: str | None) -> None:
            if number is not None:
                deeds[int(number)][1]()

        title = f"Class: {roster_heading(self.roster)}"
        numbers = [str(number) for number in range(len(names))]
        self._app.push_screen(Picker(title, numbers, names, "0", width=76, hint=self._door), chosen)

    def _deeds(self) -> list[tuple[str, Callable[[], None]]]:
        poll, roster = self.poll, self.roster
        deeds: list[tuple[str, Callable[[], None]]] = []
        if poll.number:
            words = "Take the question away" if poll.revealed else "Reveal the answers"
            deeds.append((words, lambda: self._link.send(Reveal())))
        deeds += [
            ("Who is here", self._students),
            ("Ask a question of your own", self._ask),
            *((f"Ask: {name}", self._asks(name, choices)) for name, choices in QUESTIONS),
            (f"Bring everybody here (key {self.key(WITH_CLASS)})", self.call),
            self._rule("Release: students may explore", "Pin: nobody explores", roster.pinned, "pinned"),
            self._rule("Open the door", "Close the door: nobody new comes in", roster.locked, "locked"),
            ("Save the results (CSV)", lambda: self._link.send(Results())),
            ("End the class: everybody leaves", lambda: self._link.send(End())),
        ]
        return deeds

    def _rule(self, off: str, on: str, holds: bool, name: str) -> tuple[str, Callable[[], None]]:
        rules = {"pinned": self.roster.pinned, "locked": self.roster.locked, name: not holds}
        return (off if holds else on), lambda: self._link.send(Rule(**rules))

    def _asks(self, name: str, choices: tuple[str, ...]) -> Callable[[], None]:
        return lambda: self._link.send(Ask(f"{name}?", choices))

    def _ask(self) -> None:
        def typed(text: str | None) -> None:
            ask = question_in(text) if text else None
            if ask is not None:
                self._link.send(ask)
            elif text:
                self.host.say("a question has two answers at least: question | answer | answer", "warn")

        words = "Ask the class: question | answer | *right answer | ...   Enter asks."
        self._app.push_screen(LineDialog(words, placeholder="Which is larger? | bf16 | *fp16"), typed)

    def _students(self) -> None:
        rows = sorted(self.roster.rows, key=lambda row: (row.following, row.name.lower()))
        if not rows:
            self.host.say("nobody is here yet", "dim")
            return
        titles = roster_table(rows, self.host.settings.glyphs)
        numbers = [str(row.student) for row in rows]

        def chosen(number: str | None) -> None:
            row = next((row for row in rows if str(row.student) == number), None)
            if row is not None:
                self._one(row)

        picker = Picker("Who is here", numbers, titles, numbers[0], width=78, hint=f" {HEADING}")
        self._app.push_screen(picker, chosen)

    def _one(self, row: RosterRow) -> None:
        deeds: dict[str, Message] = {
            f"Show {row.name}'s screen to all": Spotlight(row.student),
            "Count the answers again" if row.muted else "Mute: answers don't count": Mute(row.student, not row.muted),
            "Kick out": Kick(row.student),
        }

        def chosen(title: str | None) -> None:
            if title is not None:
                self._link.send(deeds[title])

        self._app.push_screen(Picker(row.name, list(deeds), list(deeds), next(iter(deeds))), chosen)

    def _save(self, csv: str) -> None:
        if self.host.refused_in_kiosk():
            return
        name = f"qtui-class-{datetime.now():%Y%m%d-%H%M%S}.csv"
        try:
            write_atomically(name, csv)
            self.host.say(f"saved {name}")
        except OSError as error:
            self.host.say(f"could not save {name}: {error.strerror}; start qtui in a folder you can write to", "bad")

    # The question.

    def show_poll(self, poll: Poll) -> None:
        """Show how the question stands."""
        what = "takes it away" if poll.revealed else "reveals"
        truth = f"; the answer is {poll.truth}" if poll.truth and poll.revealed else ""
        self.hint = f"{sum(poll.counts)} of {poll.here} have answered{truth}; {self.key(CLASS)} {what}"
        super().show_poll(poll)
