"""The tour's pane: a step's text, the pane that proves it, and its goal or question."""
