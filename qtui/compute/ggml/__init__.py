"""Encoders and decoders of ggml's tensor types, exact to the byte.

Every rule here follows `ggml-quants.c` as a build without fused multiply-add computes it: all arithmetic in
float32, each operation rounded on its own, sums taken in the order of the elements. `blocks.py` says what a codec
is made of; `legacy.py` has the simplest ones, then come `kquants.py`, with the search for scales in `search.py`, and
the rest: IQ2 and IQ3 search in `vector_search.py`, IQ1 in `split_search.py`, all three among codebook vectors in
`neighbours.py`. `reduce.py` shows how C's loops over a block become numpy operations over many blocks.
"""
