"""Scenarios: everything a person chose on a pane, frozen and serialisable; and how each is solved.

Begin with `base.py`. Each pane has a folder with `scenario.py`, `result.py`, `solve.py` and `json.py`; `formats.py`
and `inspect.py` are commands without a pane. `progress.py` is how long work reports and is stopped.
"""
