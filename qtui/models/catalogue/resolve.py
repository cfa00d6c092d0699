"""From what a person names (a catalogue model, a file, a bare count, a typed architecture) to what is known of it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from qtui.compute.memory.architecture import text_parameters
from qtui.error import QtuiError, whole_number
from qtui.models.catalogue.records import Catalogue, KnownModel, from_record
from qtui.models.files.source import exists
from qtui.models.machine.machine import parse_size

_UNITS = {"k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}
LEAST = 1000  # parameters: a bare 70 is 70 B with its unit forgotten
_FILES = (".gguf", ".safetensors", ".json")


def count(text: str) -> int | None:
    """The number of parameters in "80B", "1.5b", "124M" or "1T", None where `text` isn't one. Exact."""
    folded = text.strip().lower().replace(",", "").replace("_", "")
    unit = _UNITS.get(folded[-1:], 1)
    number = folded[:-1].rstrip() if unit > 1 else folded
    whole, _, part = number.partition(".")
    digits = whole_number(whole + part) if whole else None
    return None if digits is None else digits * unit // 10 ** len(part)


def from_arch(text: str) -> KnownModel:
    """A typed architecture. Raises QtuiError with what is wrong in it."""
    from qtui.compute.memory.by_hand import parse_arch  # few type one

    arch = parse_arch(text)
    return KnownModel("typed architecture", "typed", text_parameters(arch), "bfloat16", None, arch)


def resolve(query: str) -> KnownModel:
    """What `query` names. Raises QtuiError in one line where it names nothing, or more than one model."""
    parameters = count(query)
    if parameters is not None:
        if not 0 < parameters <= 10**17:
            raise QtuiError(f"{query!r} is no number of parameters a model can have; try 8B")
        if parameters < LEAST:
            meant = f"{query.strip()}B" if query.strip()[-1].isdigit() else "8B"
            raise QtuiError(f"{query!r} is fewer parameters than any model has; try {meant}")
        return KnownModel(query.strip(), "count", parameters, "bfloat16", family_known=False)
    folded = query.lower()
    if folded.endswith(_FILES) or os.sep in query.rstrip("/") and exists(query) or exists(query, os.path.isdir):
        from qtui.models.catalogue.files import from_path  # the readers of files

        return from_path(query)
    try:
        return from_record(Catalogue().find(query))
    except QtuiError as error:
        raise _of_amount(query) or error from None


def _of_amount(text: str) -> QtuiError | None:
    """What to say of "48GB" in the place of a model; None where `text` is no amount of memory."""
    try:
        size = parse_size(text)
    except QtuiError:
        return None
    counts = [8 * size // bits for bits in (5, 17)]  # with some room for what is beside
    held = [f"{count // 10**9} B" if count >= 10**9 else f"{count // 10**6} M" for count in counts]
    ram = "".join(text.split())
    return QtuiError(
        f"{ram} is an amount of memory, no model: it holds about {held[0]} parameters in 4 bits or {held[1]} in 16; "
        f"`qtui mem --here --ram {ram}` lists what runs in it, `qtui mem MODEL --ram {ram}` fits one"
    )


def resolve_all(words: Sequence[str]) -> list[KnownModel]:
    """The models that `words` name: commas part them; words without commas are one name if they can be, else many.

    Raises QtuiError as `resolve`.
    """
    joined = " ".join(words)
    if exists(joined):
        return [resolve(joined)]
    parts = [part.strip() for part in joined.split(",") if part.strip()]
    if len(parts) != 1 or len(words) == 1:
        return [resolve(part) for part in parts or [joined]]
    try:
        return [resolve(joined)]
    except QtuiError as error:
        try:
            return [resolve(word) for word in words]
        except QtuiError:
            raise error from None
