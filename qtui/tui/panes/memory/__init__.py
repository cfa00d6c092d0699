"""The Memory pane."""

from qtui.tui.panes.memory.pane import MemoryPane

__all__ = ["MemoryPane"]
