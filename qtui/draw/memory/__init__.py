"""Pictures of the Memory pane: the bar, the terms, the grid of formats and contexts."""
