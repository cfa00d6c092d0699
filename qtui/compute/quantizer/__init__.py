"""What a storage format does to a few thousand weights, taken apart for looking at.

`stored.py` stores them; `grid.py` and `bytes.py` look at a block's values and bytes. `sweep.py` (block sizes),
`outlier.py`, `smart.py` (methods) and `network.py` (a toy network) each tell what follows.
"""
