"""The machine: memory, cards and bandwidth, detected or chosen from a list.

`machine.py` says what one is. `detect.py` looks at this one (`linux.py` `gpus.py` `bandwidth.py`); `named.py`
understands the names of others, which are in `list.py`. `native.py` knows which number formats a processor
multiplies.
"""
