"""The Errors pane: error statistics of formats on drawn numbers, a tensor, or a whole file.

`solve.py` asks `measure.py` for what is measured, and works out what each view shows (`groups.py` the survey's
rows). A file is opened once by `file.py`; `survey.py` shares its tensors out to the processes of `pool.py`, each of
which runs `worker.py`, and keeps what is finished in `cache.py`. `sampling.py` reads a tensor in batches, all of it
or a sample.
"""
