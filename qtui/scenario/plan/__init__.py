"""The Plan pane: a format for each tensor of a model file.

`solve.py` measures (`measure.py`), then decides (`decide.py`, weighed by `sensitivity.py`); `write.py` says it in
llama-quantize's words.
"""
