"""Methods that choose codes with more thought than rounding: HQQ, GPTQ, AWQ, SmoothQuant, rotation, a side table.

`methods.py` names and compares them; each is one function from weights to `Chosen` codes (`rounding.py`). AWQ and
SmoothQuant, which scale columns, are in `scaling.py`, the others in files of their names.
"""
