"""The Plan pane's views and keys."""

from __future__ import annotations

from qtui.tui.keymap import (
    DATA,
    DELETE,
    DOWN,
    EXACT,
    FIRST,
    FORMAT,
    GROUP,
    INTO,
    LAST,
    LEFT,
    OPEN,
    PAGE_DOWN,
    PAGE_UP,
    RIGHT,
    UP,
    WRITE,
)

VIEWS = (("plan", "Plan"),)
ACTIONS = (
    OPEN.does("open_file", "open file", "open another file; beside its field are size, context, importance"),
    WRITE.does("write", "write types", "write the lines for llama-quantize's --tensor-type-file"),
    EXACT.does("exact", "exact", "measure every weight; again: a sample"),
    INTO.does("errors", "errors", "into Errors: the survey of this file"),
    DATA.does("open_file", help="open another file"),
    FORMAT.does("edit_formats", help="types to choose from"),
)
TABLE = (
    LEFT.does("turn(-1)", "type by hand", "a smaller or larger type by hand; the others are planned around it"),
    RIGHT.does("turn(1)", "type by hand", "a smaller or larger type by hand; the others are planned around it"),
    DELETE.does("free", "leave it", "leave this row to the plan again"),
    GROUP.does("group", "rows", "a row a role, or a row a tensor"),
    UP.does("move(-1)", help="move over the roles or tensors"),
    DOWN.does("move(1)", help="move over the roles or tensors"),
    PAGE_UP.does("move(-10)", help="ten up, down"),
    PAGE_DOWN.does("move(10)", help="ten up, down"),
    FIRST.does("move(-99999)", help="first, last"),
    LAST.does("move(99999)", help="first, last"),
)
VIEW_ACTIONS = {"plan": TABLE}
