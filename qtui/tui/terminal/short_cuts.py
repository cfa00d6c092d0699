"""Ways through Textual that are shorter than its own, for what happens at every key.

Textual passes a key from the focused widget to all around it, a message each, before it looks for what the key is
bound to; and a widget that wants to be drawn anew tells its screen by two more. A message costs about a twentieth of
what the bare app spends on a key. These functions know parts of Textual that it keeps to itself:
`test_short_cuts.py` compares what they do with what Textual would have done, and fails first should those parts move.
"""

from __future__ import annotations

from typing import Any

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input


def is_text(app: App[Any], event: events.Key) -> bool:
    """Whether a key is text for the focused input, or has to wait until the input has taken the text before it."""
    focused = app.focused
    return isinstance(focused, Input) and (event.is_printable or not focused._message_queue.empty())


async def do_what_is_bound(app: App[Any], event: events.Key) -> bool:
    """Do what `event`'s key is bound to, as Textual does once nobody wanted the key; says whether there was anything.

    Not for keys that are text.
    """
    focused = app.focused
    around: list[DOMNode] = [*focused.ancestors_with_self] if focused is not None else [app.screen, app]
    bound = [(node, node._bindings.key_to_bindings.get(event.key, ())) for node in around]
    for node, bindings in reversed(bound):
        for binding in bindings:
            if binding.priority and await app.run_action(binding.action, node):
                return True
    for node, bindings in bound:
        for binding in bindings:
            if not binding.priority and await app.run_action(binding.action, node):
                return True
        if node.is_modal:
            break
    return False


def redraw_soon(widget: Widget, *regions: Region) -> None:
    """`widget.refresh(*regions)`, for a widget whose size does not depend on what it shows."""
    screen = widget.screen if widget.is_mounted else None
    if screen is None or widget not in screen._compositor.visible_widgets:
        widget.refresh(*regions)
        return
    widget._set_dirty(*regions)
    screen._dirty_widgets.add(widget)
    screen.check_idle()
