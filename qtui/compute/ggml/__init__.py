"""Encoders and decoders of ggml's tensor types, exact to the byte.

Every rule here follows `ggml-quants.c` as a build without fused multiply-add computes it: all arithmetic in
float32, each operation rounded on its own, sums taken in the order of the elements.
"""
