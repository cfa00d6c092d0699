"""Model files on disk: opened by content, known from their headers alone.

Begin with `model_file.py` (what every reader returns) and `open.py` (which reader it takes). Bytes come through
`source.py`, or in worker processes `mapping.py`; `cursor.py` and `json_text.py` parse them. `npy.py` and
`imatrix.py` are the smallest readers, `caches.py` knows the folders in which other programs keep models;
`architecture.py` finds what a model is.
"""
