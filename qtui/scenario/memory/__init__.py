"""The Memory pane: a model, a format and a way to run it, solved into bytes."""
