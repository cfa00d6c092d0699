"""Number formats as data, and what they do to numbers.

`layout.py` says what a float, integer or table format is; `table.py` names them all. `exact.py` rounds, steps and
counts with whole numbers and fractions, one value at a time and without any error; `arrays.py` does the same to
numpy arrays, fast. `entry.py` reads what a person types, `text.py` writes values out, and `codec.py` is what the
registry of storage formats uses.
"""
