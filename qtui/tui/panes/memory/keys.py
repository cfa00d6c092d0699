"""The Memory pane's views and keys."""

from __future__ import annotations

from qtui.tui.keymap import (
    CACHE,
    DATA,
    DOWN,
    EXACT,
    FIND,
    FIRST,
    FORMAT,
    LAST,
    LEFT,
    MARK,
    MODEL,
    NEXT_FORMAT,
    OPEN,
    PREVIOUS_FORMAT,
    RIGHT,
    TAKE,
    UP,
    Action,
)

VIEWS = (
    ("plans", "Plans"),
    ("grid", "Grid"),
    ("terms", "Sum"),
    ("cards", "Cards"),
    ("speed", "Speed"),
    ("here", "What runs here"),
    ("buy", "Buy"),
    ("train", "Train"),
    ("compare", "Compare"),
)
_UP_DOWN = "the next format; in a list: a row; in long text: scroll"
VIEW = (
    LEFT.does("walk(0, -1)", "format, context", "the next context"),
    RIGHT.does("walk(0, 1)", "format, context", "the next context"),
    UP.does("walk(-1, 0)", "format, context", _UP_DOWN),
    DOWN.does("walk(1, 0)", "format, context", _UP_DOWN),
    TAKE.does("follow", "take it", "the step named under the verdict; in a list: take the marked row"),
    FIRST.does("walk(0, -99)", help="shortest, longest context"),
    LAST.does("walk(0, 99)", help="shortest, longest context"),
    MARK.does("mark", "mark", "mark models; taking one then compares them", views=("here",)),
)
_CONTEXT = "a context: 8192, 32k, 1m, max; up and down double, halve"
_MACHINE = "this machine, another to pretend, or amounts: 64 GB + 24 GB VRAM"
CONTEXT = Action("memory.context", "c", "context", "edit('ctx')", "context", _CONTEXT)
MACHINE = Action("memory.machine", "M", "machine", "pick('machine')", "machine", _MACHINE)
ESSAY = Action(
    "memory.essay",
    "8",
    "the essay's model",
    "essay",
    "the essay's 80B",
    "the 80 billion that the essay begins with",
)
_MODEL = "find a model; the field takes a path, a count, hub:org/repo as well"
ACTIONS = (
    MODEL.does("search", "model", _MODEL),
    DATA.does("search", help=_MODEL),
    OPEN.does("search", help=_MODEL),
    FORMAT.does("pick('format')", "format", "list of formats"),
    CONTEXT,
    MACHINE,
    CACHE.does("pick('kv_type')", "cache", "format of the KV cache; K and V apart as q8_0/q4_0"),
    Action("memory.engine", "E", "engine", "pick('engine')", "engine", "engine: llama.cpp, vLLM, MLX"),
    Action("memory.sequences", "number_sign", "sequences at once", "edit('seqs')", "sequences"),
    PREVIOUS_FORMAT.does("format(-1)", help="previous, next format"),
    NEXT_FORMAT.does("format(1)", help="previous, next format"),
    EXACT.does("turn('measure')", help="measure this machine's bandwidth for tokens per second"),
    FIND.does("find", help="find a model; in what runs here: filter as you type"),
    ESSAY,
    Action("memory.flash", "semicolon", "flash attention on or off", "turn('flash')"),
    Action("memory.vision", "colon", "count the vision tower or not", "turn('vision')"),
)
VIEW_ACTIONS = dict.fromkeys((name for name, _ in VIEWS), VIEW)
