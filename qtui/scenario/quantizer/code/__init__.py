"""The code view: a scheme's algorithm as lines of Python that run. Begin with `run.py`."""
