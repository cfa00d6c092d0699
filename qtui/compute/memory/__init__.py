"""Memory arithmetic in whole numbers: what a model's weights, cache and working buffers take, term by term.

Everything starts from an architecture, a dict of plain values (see `arch.py` for its fields): `arch.py` lists its
tensors, whose sizes give the parameter count and, with a format or one of llama.cpp's mixes, the bytes of the weights
(`weights.py`, `mixes.py`); `cache.py` gives KV cache and state, `buffers.py` the compute buffer. Nothing here imports
numpy or reads a file.
"""
