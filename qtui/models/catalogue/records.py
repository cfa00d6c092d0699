"""The catalogue of model architectures: one JSON record a line in `catalogue.jsonl`, each with its sources.

A record has `id`, `dtype` (how the checkpoint is stored), `context` (tokens it was trained for), `parameters` (the
published count), `arch` (see `qtui/compute/memory/arch.py`) and `sources`; where they apply also `family`,
`released`, `pattern`, `notes`, `file_bytes` and what is uncertain: `fitted` (some fields were chosen so that the
total comes out), `cache_unconfirmed`, `checkpoint_only` (parameters that only the published count has), `unexplained`
(what remains). Adding a model is adding a line; the tests recompute every record's parameters.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from qtui.models.catalogue.search import near, search

FILE = os.path.join(os.path.dirname(__file__), "catalogue.jsonl")
_START = '{"id":"'


class Catalogue:
    """The records by id. Lines are parsed only when they are asked for."""

    def __init__(self, path: str = FILE) -> None:
        with open(path, encoding="utf-8") as file:
            self._lines = {line[len(_START) : line.index('"', len(_START))]: line for line in file if line.strip()}

    @property
    def ids(self) -> list[str]:
        """Ids in the order of the file."""
        return list(self._lines)

    def record(self, model_id: str) -> dict[str, Any]:
        """The record called exactly `model_id`. Raises KeyError."""
        import json

        found: dict[str, Any] = json.loads(self._lines[model_id])
        return found

    def records(self) -> Iterator[dict[str, Any]]:
        """Every record."""
        return (self.record(model_id) for model_id in self._lines)

    def search(self, query: str, typing: bool = False) -> list[str]:
        """Ids that `query` can mean, nearest first (see `catalogue_search`)."""
        return search(query, self._lines, typing)

    def find(self, query: str) -> dict[str, Any]:
        """The record that `query` names.

        Raises ValueError in one line: what looks like it, or the candidates where it is ambiguous.
        """
        if query in self._lines:
            return self.record(query)
        hits = self.search(query)
        if len(hits) == 1:
            return self.record(hits[0])
        if hits:
            shown = ", ".join(hit.rpartition("/")[2] for hit in hits[:6])
            more = f" and {len(hits) - 6} more" if len(hits) > 6 else ""
            raise ValueError(f"{query!r} can be {shown}{more}; name one of them")
        close = near(query, self._lines)
        hint = (
            f"did you mean {', '.join(name.rpartition('/')[2] for name in close)}?"
            if close
            else ("name a model of the catalogue, a file, a count such as 8B, or give --arch")
        )
        raise ValueError(f"no model is called {query!r}; {hint}")
