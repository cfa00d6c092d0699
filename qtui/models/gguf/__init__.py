"""GGUF files: header, metadata, split files, and the architecture they describe.

`header.py` reads a file (`metadata.py` its key-value pairs), `split.py` a model of several. `architecture.py` reads
what a model is, layer by layer: `mixers.py` and `ffns.py`.
"""
