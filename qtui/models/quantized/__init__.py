"""Checkpoints of other quantizers: codes, scales and zero points joined to the weights that they stand for."""
