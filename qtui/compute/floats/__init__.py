"""Number formats as data, and what they do to numbers.

`layout.py` says what a float is and which number each of its codes stands for, `grids.py` the same of integers and
codebooks; `table.py` names them all and reads designs. One value at a time and without any error: `exact.py` rounds
and steps, `intervals.py` knows which reals share a code and counts the values in an interval, `facts.py` sums a
format up. `entry.py` reads what a person types, `text.py` and `literals.py` write values out. For numpy arrays, fast:
`arrays.py` (codes), `rounding.py` (values), `packing.py` (bytes) and `codec.py`, which the registry of storage
formats uses.
"""
