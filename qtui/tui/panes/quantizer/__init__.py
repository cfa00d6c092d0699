"""The Quantizer pane."""

from qtui.tui.panes.quantizer.pane import QuantizerPane

__all__ = ["QuantizerPane"]
