"""The Quality pane: what a language model loses, measured while one watches."""

from qtui.tui.panes.quality.pane import QualityPane

__all__ = ["QualityPane"]
