"""Whole-number codes under a scale: int1 to int8. Begin with `scheme.py`, then `rules.py`."""
