"""The Textual app: a shell, one file a pane, and widgets that draw pictures."""
