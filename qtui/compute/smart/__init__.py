"""Methods that choose codes with more thought than rounding: HQQ, GPTQ, AWQ, Hadamard rotation, a side table.

Each is one function from weights to `Chosen` codes, in a file of its own; `method.py` has what they share, and
`codec.py` makes storage formats of them.
"""
