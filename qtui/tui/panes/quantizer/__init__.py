"""The Quantizer pane."""
