"""Pictures of the Bits pane: one value in one format, in all of them, and on number lines."""
