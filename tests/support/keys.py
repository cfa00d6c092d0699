"""Views and keys of the panes of `stub_panes.py`: none."""

from collections.abc import Mapping

from qtui.tui.keymap import Actions
from qtui.tui.widgets.strip import Views

VIEWS: Views = ()
ACTIONS: Actions = ()
VIEW_ACTIONS: Mapping[str, Actions] = {}
