"""The Quality pane's views and keys."""

from __future__ import annotations

from qtui.tui.keymap import (
    ANOTHER,
    CACHE,
    DATA,
    DOWN,
    FIRST,
    FORMAT,
    GROUP,
    LAST,
    LEFT,
    LESS,
    MODEL,
    MORE,
    REFERENCE,
    RIGHT,
    TAKE,
    UP,
    Action,
)

VIEWS = (
    ("table", "Table and curve"),
    ("tokens", "Tokens"),
    ("next", "Next token"),
    ("generate", "Talk"),
    ("sensitivity", "Where it hurts"),
    ("super_weight", "Super weight"),
    ("lesson", "Lessons"),
)
GO_ON = TAKE.does("go_on", help="measure on, where that was cancelled")
_WINDOWS = "twice, half as many windows of the text"
ACTIONS = (
    MODEL.does("edit('model')", "model", "the model: tiny, smollm2, or a path"),
    FORMAT.does("edit('format')", "formats", "the formats, with commas between; mixes such as Q4_K_M as well"),
    GROUP.does("group", "rows", "by role, by layer, by tensor", ("sensitivity",)),
    ANOTHER.does("lesson", "next lesson", "the next lesson", ("lesson",)),
    DATA.does("prompt", "prompt", "type the prompt"),
    MORE.does("windows(1)", "windows", _WINDOWS),
    LESS.does("windows(-1)", "windows", _WINDOWS),
    CACHE.does("pick('kv_type')", "cache", "format of cached keys and values"),
    Action("quality.activations", "Q", "type of the activations", "pick('activations')", "activations"),
    GO_ON,
)
VIEW = (
    UP.does("walk(-1)", "choose", "choose a format, or a slider"),
    DOWN.does("walk(1)", "choose", "choose a format, or a slider"),
    LEFT.does("turn(-1)", "turn", "walk the prompt, move the slider; in a small window: table or curve"),
    RIGHT.does("turn(1)", "turn", "walk the prompt, move the slider; in a small window: table or curve"),
    REFERENCE.does("curves", "curves", "published curves of larger models: one, the next, all, none", ("table",)),
    FIRST.does("walk(-999)", help="first, last"),
    LAST.does("walk(999)", help="first, last"),
)
TEXT = (
    UP.does("walk(-1)", "scroll", "scroll"),
    DOWN.does("walk(1)", "scroll", "scroll"),
    FIRST.does("walk(-999)", help="first, last row"),
    LAST.does("walk(999)", help="first, last row"),
)
VIEW_ACTIONS = {name: VIEW if name in ("table", "next", "lesson") else TEXT for name, _ in VIEWS}
