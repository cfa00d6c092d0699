"""The Errors pane: browse a file's tensors, see what formats do to one, survey them all."""
