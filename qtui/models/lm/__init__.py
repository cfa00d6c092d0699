"""Language models from files: families, weights and tokenizers for the transformer of `qtui/compute/lm`.

`load.py` makes a model ready to run: its configuration by `gguf.py` or `checkpoint.py`, with what `families.py`
knows, its `weights.py` and its `tokenizers.py`. `installed.py` finds models on this machine.
"""
