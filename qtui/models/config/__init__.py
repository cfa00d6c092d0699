"""Hugging Face config.json files, read as architectures for the memory arithmetic.

`reader.py` puts one together from the `mixers.py` (`recurrent.py` those with a state) and `ffns.py` of its layers,
`vision.py`, `encoders.py` and `extras.py`. `families.py` has what a family leaves unsaid, `aliases.py` older names
of fields.
"""
