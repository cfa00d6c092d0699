"""Whole-number codes under a scale: int1 to int8. Begin with `scheme.py`, then `rules.py`.

`ranges.py` chooses what the codes of a group span, `scales.py` stores scales, `codec.py` makes the bytes.
"""
