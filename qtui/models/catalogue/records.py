"""The catalogue of model architectures: one JSON record a line in `catalogue.jsonl`, each with its sources.

Adding a model is adding a line; the tests recompute every record's parameters.
"""

import json
import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from qtui.compute.memory.architecture import Architecture
from qtui.compute.memory.weights import StoredTensors
from qtui.error import QtuiError
from qtui.models.catalogue.architecture import parse_architecture
from qtui.models.catalogue.search import near, of_repository, search

FILE = os.path.join(os.path.dirname(__file__), "catalogue.jsonl")
_START = '{"id":"'


class KnownModel(NamedTuple):
    """What is known of a model, wherever from.

    `source` is "catalogue", "typed", "count", a path or a repository. `arch` is None where its layers aren't known.
    `stored` are the tensors of its own files, one by one, empty where there are none; `gguf` says that they carry
    GGUF's names, `mix` what they were quantized to (a GGUF's mix; a quantizer and its type), empty where that was
    nothing. `parameters` is the published (or counted) number, everything in the checkpoint included. `dtype` is how
    the checkpoint is stored, `context` the tokens it was trained for, `notes` are sentences on what is uncertain.
    `gguf_files` is a repository on the Hub with GGUF files of it, empty where none is known.
    Where not `family_known`, layers were read as a plain transformer's, or not at all, and no figure is exact.
    """

    name: str
    source: str
    parameters: int
    dtype: str
    context: int | None = None
    arch: Architecture | None = None
    stored: tuple[StoredTensors, ...] = ()
    gguf: bool = False
    mix: str = ""
    notes: tuple[str, ...] = ()
    family_known: bool = True
    gguf_files: str = ""


class CatalogueModel(NamedTuple):
    """One record.

    `dtype` is how the checkpoint is stored, `context` the tokens it was trained for, `parameters` the published
    count. `licence` is the short name of what the model's own card on the Hub states (its tag as llmfit 1.1.17 lists
    it, or the card itself; "non-commercial" where it is), None where that is not known. `released` is the day of the
    announcement, or the one on which the repository was made. `gguf_files` is a repository on the Hub with GGUF files
    of it (as llmfit 1.1.17 found them there). What is uncertain: `fitted` (some fields were chosen so that the total
    comes out), `cache_unconfirmed`, `checkpoint_only` (parameters that only the published count has), `unexplained`
    (what remains).
    """

    id: str
    family: str
    released: str
    dtype: str
    context: int | None
    parameters: int
    arch: Architecture
    sources: tuple[str, ...]
    licence: str | None = None
    gguf_files: str = ""
    pattern: str = ""
    notes: str = ""
    file_bytes: int | None = None
    fitted: bool = False
    cache_unconfirmed: bool = False
    checkpoint_only: Mapping[str, int] = MappingProxyType({})
    unexplained: int = 0


class Catalogue:
    """The records by id. Lines are parsed only when they are asked for."""

    def __init__(self) -> None:
        with open(FILE, encoding="utf-8") as file:
            lines = [line for line in file if not line.isspace()]
        self._lines = {line[len(_START) : line.index('"', len(_START))]: line for line in lines}

    @property
    def ids(self) -> list[str]:
        """Ids in the order of the file."""
        return list(self._lines)

    def summary(self, model_id: str) -> dict[str, Any]:
        """The record called exactly `model_id` as it stands in the file. Raises KeyError."""
        values: dict[str, Any] = json.loads(self._lines[model_id])
        return values

    def record(self, model_id: str) -> CatalogueModel:
        """The record called exactly `model_id`. Raises KeyError, and ValueError where the record is wrong."""
        values = self.summary(model_id)
        try:
            arch = parse_architecture(values["arch"])
        except QtuiError as error:
            raise QtuiError(f"the catalogue's record of {model_id} is wrong: {error}") from None
        return CatalogueModel(**(values | {"arch": arch, "sources": tuple(values["sources"])}))

    def records(self) -> Iterator[CatalogueModel]:
        """Every record."""
        return (self.record(model_id) for model_id in self._lines)

    def search(self, query: str, typing: bool = False) -> list[str]:
        """Ids that `query` can mean, nearest first (see `search.py`)."""
        return search(query, self._lines, typing)

    def find(self, query: str) -> CatalogueModel:
        """The record that `query` names.

        Raises QtuiError in one line: what looks like it, or the candidates where it is ambiguous.
        """
        if query in self._lines:
            return self.record(query)
        hits = self.search(query)
        if not hits:
            plain, tag = of_repository(query)
            hits = self.search(plain)
            if tag and len(hits) == 1:
                name = hits[0].rpartition("/")[2]
                raise QtuiError(f"{query!r} names a format as well; write {name} --format {tag}")
        if len(hits) == 1:
            return self.record(hits[0])
        if hits:
            shown = ", ".join(hit.rpartition("/")[2] for hit in hits[:6])
            more = f" and {len(hits) - 6} more" if len(hits) > 6 else ""
            raise QtuiError(f"{query!r} can be {shown}{more}; name one of them")
        close = near(query, self._lines)
        hint = (
            f"did you mean {', '.join(name.rpartition('/')[2] for name in close)}?"
            if close
            else ("name a model of the catalogue, a file, a count such as 8B, or give --arch")
        )
        raise QtuiError(f"no model is called {query!r}; {hint}")


@lru_cache(maxsize=1)
def models_listed() -> tuple[KnownModel, ...]:
    """Every model of the catalogue without its layers: to read those of all takes 30 ms."""
    catalogue = Catalogue()
    return tuple(
        KnownModel(values["id"], "catalogue", values["parameters"], values["dtype"], values["context"])
        for values in map(catalogue.summary, catalogue.ids)
    )


def from_record(record: CatalogueModel) -> KnownModel:
    """What a catalogue record says, with its doubts."""
    notes = []
    if record.fitted:
        notes.append("some fields of this record were chosen so that the published total comes out")
    if record.cache_unconfirmed:
        notes.append("the fields that decide the cache are not confirmed by the checkpoint's own config")
    if record.unexplained:
        notes.append(f"the published count differs by {-record.unexplained:,} parameters, unexplained")
    if record.notes:
        notes.append(record.notes)
    return KnownModel(
        name=record.id,
        source="catalogue",
        parameters=record.parameters,
        dtype=record.dtype,
        context=record.context,
        arch=record.arch,
        notes=tuple(notes),
        gguf_files=record.gguf_files,
    )
