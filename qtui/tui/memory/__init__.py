"""The Memory pane."""

from qtui.tui.memory.pane import MemoryPane

__all__ = ["MemoryPane"]
