"""The Bits pane: what was chosen, how it is solved, and what comes out.

`solve.py` begins with one value (`convert.py`); `plots.py` adds what a view plots in so many columns (`sine.py`,
`codebook.py`). What keys make of a Scenario is in `moves.py`, and in `tables.py` for a table of values of one's own.
"""
