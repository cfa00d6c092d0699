"""Methods that choose codes with more thought than rounding: HQQ, GPTQ, AWQ, SmoothQuant, rotation, a side table.

`methods.py` names and compares them; each is one function from weights to `Chosen` codes in a file of its own.
"""
