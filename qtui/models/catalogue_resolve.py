"""From what a person names (a catalogue model, a bare count) to what is known of that model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from qtui.models.catalogue import Catalogue

_COUNT = re.compile(r"^(\d+(?:\.\d+)?)\s*([kmbt]?)$")
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}


class Known(NamedTuple):
    """What is known of a model. `arch` is None where only the count is."""

    name: str
    source: str
    parameters: int
    dtype: str
    context: int | None
    arch: Mapping[str, Any] | None
    notes: tuple[str, ...] = ()


def count(text: str) -> int | None:
    """The number of parameters in "80B", "1.5b", "124M" or "1T", None where `text` isn't one. Exact."""
    match = _COUNT.match(text.strip().lower().replace(",", ""))
    if not match:
        return None
    whole, _, part = match[1].partition(".")
    return int(whole + part) * _UNITS[match[2]] // 10 ** len(part)


def from_record(record: Mapping[str, Any]) -> Known:
    """What a catalogue record says, with its doubts."""
    notes = []
    if record.get("fitted"):
        notes.append("some fields of this record were chosen so that the published total comes out")
    if record.get("cache_unconfirmed"):
        notes.append("the fields that decide the cache are not confirmed by the checkpoint's own config")
    if record.get("unexplained"):
        notes.append(f"the published count differs by {-record['unexplained']:,} parameters, unexplained")
    return Known(
        record["id"],
        "catalogue",
        record["parameters"],
        record["dtype"],
        record["context"],
        record["arch"],
        tuple(notes),
    )


def resolve(query: str) -> Known:
    """What `query` names. Raises ValueError in one line where it names nothing, or more than one model."""
    parameters = count(query)
    if parameters:
        return Known(query.strip(), "count", parameters, "bfloat16", None, None)
    return from_record(Catalogue().find(query))
