"""The Errors pane: error statistics of formats on drawn numbers, a tensor, or a whole file."""
