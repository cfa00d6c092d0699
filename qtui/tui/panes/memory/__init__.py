"""The Memory pane."""
