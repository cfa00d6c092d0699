"""What following has in common with and without an app: its messages, the keys that explore, the handover."""

from __future__ import annotations

from dataclasses import dataclass, field

from textual import events

from qtui.draw.picture import Span
from qtui.teach.messages import ClassState, Poll, Welcome
from qtui.teach.protocol import Message
from qtui.tui.keylist import APP_ACTIONS
from qtui.tui.keymap import IN_CLASS, Keymap
from qtui.tui.terminal.inlet import Inlet

PATIENCE = 90.0  # seconds to type a name in
QUESTION = "Your name, for the teacher's list? Enter joins the class."
TEACHER_LEADS = "the teacher leads just now; you can explore when that is over"
RETURNED = "you follow the class again"
# Actions that are no step away from the class: they explain, answer, keep or lead out.
NEUTRAL = (
    ("class.follow", "class.menu", "app.help", "app.explain", "app.copy", "app.copy_result", "app.save", "app.cancel")
    + ("app.palette", "app.repaint", "app.suspend", "app.quit", "app.quit_anyway", "app.interrupt")
)  # fmt: skip
OWN = (events.Key, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp, events.Paste)


@dataclass
class Handover:
    """What an onlooker leaves to a follower."""

    inlet: Inlet  # of the terminal, whose screen stays as it is
    welcome: Welcome
    seen: int  # the state that is on the screen
    messages: list[Message] = field(default_factory=list)  # of the class, that are to be acted on
    typed: list[events.Event] = field(default_factory=list)


def promise(key: str) -> str:
    """What comes once a student has given a name; `key` is the one that returns to the class."""
    return f"You will see what the teacher shows. Any key explores, {key} returns."


def neutral_keys(keymap: Keymap) -> frozenset[str]:
    """The keys of actions that are no step away from the class."""
    actions = [action for action in (*APP_ACTIONS, *IN_CLASS) if action.id in NEUTRAL]
    return frozenset(key for action in actions for key in keymap.keys(action))


def greeting(welcome: Welcome, key: str) -> str:
    """The greeting of a student who has joined; `key` returns to the class."""
    returns = f"{key} returns to the class."
    if welcome.scenario and not welcome.following:
        return f"Welcome back, {welcome.name}: here is where you were. {returns}"
    return f"{welcome.name}: you see what the teacher shows. Any key explores, {returns}"


def hint_of(poll: Poll, key: str) -> str:
    """What a student may do about a question; `key` answers it."""
    if poll.revealed:
        return f"this is how the class has answered{f'; the answer is {poll.truth}' if poll.truth else ''}"
    if poll.answered:
        return f"{key} changes your answer; the class's comes when the teacher shows it"
    return f"press {key} to answer" if poll.choices else f"press {key} to answer with a number"


def change_words(old: ClassState, new: ClassState) -> str:
    """The message when the class has gone from one state to another."""
    if new.whose and (new.whose != old.whose or new.called):
        return f"this is how {new.whose} has it"
    return "the teacher lets you explore again" if old.pinned and not new.pinned else ""


def mark_of(state: ClassState, following: bool, key: str) -> Span:
    """Whether a student follows or explores, for the end of the first row; `key` returns to the class."""
    if state.pinned:
        return "following, pinned", "good"
    if not following:
        return f"exploring   {key} returns", "warn"
    return f"{state.whose}'s screen" if state.whose else "following the class", "good"
