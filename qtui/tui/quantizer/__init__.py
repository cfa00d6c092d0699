"""The Quantizer pane."""

from qtui.tui.quantizer.pane import QuantizerPane

__all__ = ["QuantizerPane"]
