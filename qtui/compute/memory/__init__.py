"""Memory arithmetic in whole numbers: what a model's weights, cache and working buffers take, term by term.

It starts from an `Architecture` (`architecture.py`): groups of equal layers, each a mixer (`mixers/`) and a
feed-forward half (`ffns.py`). Each lists its tensors, whose sizes give the parameters and, in a format or one of
llama.cpp's mixes, the bytes of the weights (`weights.py`, `mixes.py`); its cache and state (`use.py` counts their
cells); and its share of the compute buffer (`buffers.py`). `estimate.py` adds them up, `fit.py` answers what a
person asks of the sum. Nothing here imports numpy or reads a file.
"""
