"""The Bits pane: one value, bit by bit, in every number format."""
