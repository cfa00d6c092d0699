"""Tensors of a model file: their names and roles, and their values as float32.

Names: `names.py` `roles.py` `tree.py`. Values: `values.py` reads a tensor chunk by chunk, from bytes that
`stored.py` finds (`columns.py` where they lie by columns) and `decoding.py` turns into float32.
"""
