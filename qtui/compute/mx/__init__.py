"""Microscaling: small floats under a scale shared by 16 or 32 of them. Begin with `scales.py`, then `codec.py`."""
