"""The keys: what an action is, the actions that several panes share, and the keys as a person has changed them.

One key has one meaning in the whole app. What several panes do with a key is one of the actions below, taken with
`does`: `MORE.does("zoom(1)", "zoom")`. What only one pane does stands in its `keys.py`, under an id that begins with
the pane's name, and with a key that nothing else has. From these tuples come Textual's bindings (`bindings`), the key
line, the help and the palette.
"""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from textual.binding import Binding, BindingType
from textual.keys import format_key


@dataclass(frozen=True)
class Action:
    """Something that a key does.

    `keys` are Textual's names with commas between; `title` is their meaning. `action` is run on whatever declares it,
    a widget, a pane or the app. `hint`, a word or two, puts it in the key line: neighbours with one hint share it, as
    neighbours with one `help` share a row of the help. `views` are the views it is for, if not all.
    """

    id: str
    keys: str
    title: str
    action: str = ""
    hint: str = ""
    help: str = ""
    views: tuple[str, ...] = ()
    priority: bool = False  # before a field that is being typed into

    def does(self, action: str, hint: str = "", help: str = "", views: tuple[str, ...] = ()) -> Action:
        """The same key and meaning, with what it runs here."""
        return replace(self, action=action, hint=hint, help=help, views=views)


Actions = tuple[Action, ...]


def bindings(*actions: Actions) -> list[BindingType]:
    """Textual's bindings for `actions`."""
    return [
        Binding(action.keys, action.action, action.title, show=False, priority=action.priority, id=action.id)
        for part in actions
        for action in part
    ]


# The picture: arrows or vim's letters.
LEFT = Action("move.left", "left,h", "left")
RIGHT = Action("move.right", "right,l", "right")
UP = Action("move.up", "up,k", "up")
DOWN = Action("move.down", "down,j", "down")
FAR_LEFT = Action("move.far_left", "shift+left,H", "further left")
FAR_RIGHT = Action("move.far_right", "shift+right,L", "further right")
FAR_UP = Action("move.far_up", "shift+up,K", "further up")
FAR_DOWN = Action("move.far_down", "shift+down,J", "further down")
PAGE_UP = Action("move.page_up", "pageup", "page up")
PAGE_DOWN = Action("move.page_down", "pagedown", "page down")
FIRST = Action("move.first", "home,g", "to the beginning")
LAST = Action("move.last", "end,G", "to the end")

# Escape has one meaning under three ids: a letter given to the app's leaves Escape to dialogs and fields, where
# letters are text.
CANCEL = Action("app.cancel", "escape", "cancel, close", "cancel", help="cancel work in progress, close a list")
CLOSE = Action("dialog.close", "escape", "cancel, close", "dismiss(None)")
RESTORE = Action("field.restore", "escape", "cancel, close", "restore")

TAKE = Action("pane.take", "enter", "take it")
MARK = Action("pane.mark", "space", "mark or flip")
DELETE = Action("pane.delete", "delete", "take it out or back")
MORE = Action("pane.more", "plus,equals_sign", "more")
LESS = Action("pane.less", "minus", "less")
TWICE = Action("pane.twice", "greater_than_sign", "twice as large")
HALF = Action("pane.half", "less_than_sign", "half as large")
USUAL = Action("pane.usual", "0", "the usual range")

# What a pane shows.
NEXT_VIEW = Action("pane.next_view", "v", "next view")
PREVIOUS_VIEW = Action("pane.previous_view", "V", "previous view")
VIEWS = Action("pane.views", "w", "list of views")
FORMAT = Action("pane.format", "f", "format")
NEXT_FORMAT = Action("pane.next_format", "right_square_bracket", "next format")
PREVIOUS_FORMAT = Action("pane.previous_format", "left_square_bracket", "previous format")
DATA = Action("pane.data", "d", "data")
DATA_BACK = Action("pane.data_back", "D", "previous data")
OPEN = Action("pane.open", "o", "open a file")
FIND = Action("pane.find", "slash", "find")
EXACT = Action("pane.exact", "x", "exact, all of it")
INTO = Action("pane.into", "i", "into another pane")
GROUP = Action("pane.group", "comma", "rows of tensors, layers or roles")
ANOTHER = Action("pane.another", "full_stop", "another one")
REFERENCE = Action("pane.reference", "asterisk", "a reference beside it")
LOGARITHM = Action("pane.logarithm", "circumflex_accent", "logarithmic or linear counts")
UNIT = Action("pane.unit", "percent_sign", "the other unit")
LAYOUT = Action("pane.layout", "underscore", "the other layout")
ROUNDING = Action("pane.rounding", "t", "next rounding")
ROUNDING_BACK = Action("pane.rounding_back", "T", "previous rounding")
MODEL = Action("pane.model", "m", "model")
CACHE = Action("pane.cache", "C", "type of the cache")
WRITE = Action("pane.write", "ctrl+s", "write the result to a file")
RESET = Action("pane.reset", "r", "reset this pane")

# Every pane has these (`Pane.BINDINGS`).
COMMON: Actions = (
    NEXT_VIEW.does("next_view(1)", help="next, previous view"),
    PREVIOUS_VIEW.does("next_view(-1)", help="next, previous view"),
    VIEWS.does("views", help="list of views"),
    RESET.does("reset", "reset", "reset this pane; undo takes it back"),
)

UNDO = Action("app.undo", "u", "undo", "undo", help="undo, redo")
QUIT = Action("app.quit", "q", "quit", "quit")
HELP = Action("app.help", "question_mark", "help", "help", "help", "every key and word of this pane")
EXPLAIN = Action("app.explain", "e", "explain", "explain", "explain", "what is shown, its terms, something to try")
COPY_RESULT = Action(
    "app.copy_result",
    "Y",
    "copy the result",
    "copy_result",
    help="copy the value, a plan's command, or the picture",
)
COPY = Action("app.copy", "y", "copy as command", "copy_command", help="copy this state as a command line")

CONTROLS: Actions = (
    Action("app.next_control", "tab", "next control", "next_control", help="next control; in a path: complete it"),
    Action("app.previous_control", "shift+tab", "previous control", "focus_previous"),
)

# The app's own, besides a key for each pane.
APP: Actions = (
    HELP,
    EXPLAIN,
    UNDO,
    Action("app.redo", "U", "redo", "redo", help="undo, redo"),
    COPY,
    COPY_RESULT,
    Action("app.add_to_lesson", "backslash", "add to a lesson…", "add_to_lesson", help="add this state to a lesson"),
    Action("app.save", "s", "save the picture", "save_svg", help="save a picture of the screen (SVG)"),
    CANCEL,
    Action("app.reset", "R", "reset everything", "reset_all", help="reset every pane, once you say so"),
    Action("app.palette", "ctrl+p", "everything by name", "commands", help="everything by name", priority=True),
    Action("app.repaint", "ctrl+l", "repaint", "repaint", help="repaint what others wrote on", priority=True),
    Action("app.suspend", "ctrl+z", "suspend", "suspend_process", help="suspend; fg brings it back", priority=True),
    QUIT,
    Action("app.quit_anyway", "ctrl+q", "quit, also while typing", "quit", priority=True),
    Action("app.interrupt", "ctrl+c", "copy what is selected, or quit", "interrupt", priority=True),
    *CONTROLS,
)  # fmt: skip

# What there is besides in a class.
WITH_CLASS = Action("class.follow", "at", "with the class", "with_class", help="back to the class, or everybody here")
CLASS = Action(
    "class.menu",
    "dollar_sign",
    "the class",
    "class_menu",
    help="answer the question; for the teacher: ask, reveal, who is here",
)
IN_CLASS: Actions = (WITH_CLASS, CLASS)

# How keys are written: Textual's name -> what a key line shows.
_SHOWN = {
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "escape": "Esc",
    "delete": "Del",
    "backspace": "Backspace",
    "plus": "+",
    "minus": "-",
    "slash": "/",
    "backslash": "\\",
    "at": "@",
    "underscore": "_",
} | {name: name for name in ("left", "right", "up", "down")}
_TO_TEXTUAL = {"+": "plus", "-": "minus", "/": "slash", "\\": "backslash", "@": "at", "_": "underscore"}
_NAMED = frozenset(
    ("left", "right", "up", "down", "home", "end", "pageup", "pagedown", "enter", "space", "escape", "tab")
    + ("backspace", "delete", "insert", *(f"f{n}" for n in range(1, 25)))
)
_WITH = ("ctrl", "alt", "shift", "super", "hyper", "meta")


def key_name(key: str) -> str:
    """Textual's name of a key that a person wrote: "?" is "question_mark". Raises ValueError where there is none."""
    text = key.strip()
    if len(text) == 1:
        if text.isalnum():
            return text
        return _TO_TEXTUAL.get(text) or unicodedata.name(text).lower().replace("-", "_").replace(" ", "_")
    *held, last = text.split("+") if not text.endswith("+") else (*text[:-2].split("+"), "+")
    if any(name.lower() not in _WITH for name in held):
        raise ValueError(text)
    if len(last) == 1:
        name = key_name(last.lower() if held else last)
    else:
        name = last.lower()
        if name not in _NAMED and len(key_text(name)) != 1:
            raise ValueError(text)
    return "+".join((*(name.lower() for name in held), name))


def key_text(key: str) -> str:
    """What a key line shows for Textual's name of a key: "?", "Ctrl+P", "PgUp"."""
    *held, last = key.split("+")
    if last in _SHOWN:
        text = _SHOWN[last]
    elif len(last) == 1:
        text = last.upper() if held else last
    elif last in _NAMED:
        text = last.capitalize()
    else:
        text = format_key(last)
        with contextlib.suppress(KeyError):
            text = unicodedata.lookup(last.replace("_", " ").upper())
    return "+".join((*(name.capitalize() for name in held), text))


@dataclass(frozen=True)
class Keymap:
    """The keys of all actions: those that they are declared with, or of `changed`, id -> keys."""

    changed: Mapping[str, str]

    def __hash__(self) -> int:
        return hash(tuple(self.changed.items()))

    def keys(self, action: Action) -> tuple[str, ...]:
        """Textual's names of the action's keys."""
        return tuple(self.changed.get(action.id, action.keys).split(","))

    def text(self, action: Action) -> str:
        """The first of them, as it is shown."""
        return key_text(self.keys(action)[0])

    def texts(self, actions: Iterable[Action]) -> str:
        """The keys of actions that belong together: "+ -", "arrows"."""
        moves = {action.id for action in actions}
        arrows = [action for action in (LEFT, RIGHT, UP, DOWN) if action.id in moves]
        if len(arrows) == 4 == len(moves) and not any(action.id in self.changed for action in arrows):
            return "arrows"
        return " ".join(dict.fromkeys(self.text(action) for action in actions))


def grouped(actions: Iterable[Action], text: Callable[[Action], str]) -> list[tuple[Actions, str]]:
    """Neighbours with one `text` together; those without any are left out."""
    groups: list[tuple[Actions, str]] = []
    for action in actions:
        words = text(action)
        if groups and groups[-1][1] == words:
            groups[-1] = ((*groups[-1][0], action), words)
        else:
            groups.append(((action,), words))
    return [group for group in groups if group[1]]
