"""The panes, one folder each, and the registry that imports them on first visit."""
