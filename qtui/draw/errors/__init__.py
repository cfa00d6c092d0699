"""Pictures of the Errors pane: figures, tables and shades. Histograms are in `draw/histogram.py`."""
