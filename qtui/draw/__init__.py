"""Terminal pictures as pure functions of plain values: rows of text whose spans have roles, not colours.

Begin with `picture.py`; `roles.py` says how a role looks and `glyphs.py` which characters there are. `frame.py` has
what all panes' pictures are framed with; `canvas.py` `histogram.py` `ticks.py` `units.py` draw and write numbers;
`safe.py` is the gate that all text passes. Each pane's pictures are in a folder; `inspect.py` and `card.py` belong
to no pane.
"""
