"""Models by name: the catalogue, the search in it, and what a model file says of itself.

`resolve.py` begins with what a person typed. `records.py` reads `catalogue.jsonl`, whose architectures
`architecture.py` parses; `search.py` finds a name in it. `files.py` describes a file in the same terms.
"""
