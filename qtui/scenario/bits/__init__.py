"""The Bits pane: what was chosen, how it is solved, and what comes out."""
