"""The Quantizer: numbers, up to six schemes, and one picture of what happens.

`solve.py` takes the numbers (`data.py`), stores them in each format (`schemes.py`), looks at one weight (`spots.py`,
its code by `code/`) and adds what the view needs (`sampling.py` `notes.py`); `cache.py` keeps what did not change.
Changes that keys and fields make are in `edit.py` and `entries.py`; `links.py` leads to other panes, `files.py`
writes outputs.
"""
