"""Checkpoints of other quantizers: codes, scales and zero points joined to the weights that they stand for.

`join.py` tries each layout on each tensor; `checkpoint.py` is what layouts are recognised by, `parts.py` what they
read. Layouts: `rowwise.py` `columnwise.py` `across_rows.py` (integers by how they are packed), `kernel_order.py` (by
a kernel's order), `codes8.py` `fp4.py` `codebook.py` (other codes), `torchao.py`. `weight.py` and `unpacking.py` are
what they share.
"""
