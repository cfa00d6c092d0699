"""Names that look like one that is not known, for "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable


def near_matches(name: str, known: Iterable[str], count: int = 3, cutoff: float = 0.5) -> list[str]:
    """At most `count` of the `known` names, most alike first; `cutoff` is from 0 (anything) to 1 (the same)."""
    import difflib  # for mistakes only

    return difflib.get_close_matches(name, list(known), n=count, cutoff=cutoff)
