"""The Bits pane: one value, bit by bit, in every number format. Its views are in `views.py` and `plots.py`."""

from qtui.tui.panes.bits.pane import BitsPane

__all__ = ["BitsPane"]
