"""Memory arithmetic in whole numbers: what a model's weights, cache and working buffers take, term by term.

It starts from an `Architecture` (`architecture.py`): groups of equal layers, each a mixer (`mixers/`) and a
feed-forward half (`ffns/`). Each lists its tensors (`tensors.py`), whose sizes give the parameters
and, in a format or one of llama.cpp's mixes, the bytes of the weights (`weights.py`, `mixes.py`, `recipes.py`,
`sizes.py`); its cache and state (`serving.py` counts their cells); and its share of the compute buffer
(`buffers.py`). `estimate.py` adds them up, `fit.py` answers what a person asks of the sum.

What follows from it: which device holds what (`devices.py`, `placement.py`), how fast it is (`speed.py`), which way
to run is best (`ranking.py`), and what fine-tuning takes (`training.py`). `by_hand.py` reads an architecture that
was typed, `typical.py` knows models by their number of parameters alone, `draft.py` and `towers.py` count draft
modules and vision towers. Nothing here imports numpy or reads a file.
"""
