"""The Memory pane: a model, a format and a way to run it, solved into bytes.

`solve.py` looks up the models (`cache.py` keeps them) and the machine (`machine.py`), makes a `case.py` of each
format and answers it (`answer.py`). What a view needs beyond that is solved apart: `choices.py` (the grid and the
next step), `plans.py` with their `commands.py`, `training.py`, `lesson.py` (speeds), `here.py` and `buy.py`.
`result.py` has the sum and `asked.py` the parts that only some questions ask for; `opening.py` is what the pane
opens on.
"""
