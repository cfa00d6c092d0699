"""The Plan pane: a format for each tensor of a model file."""
