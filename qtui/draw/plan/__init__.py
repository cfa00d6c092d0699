"""Pictures of the Plan pane: the table of formats and the frontier of size against error."""
