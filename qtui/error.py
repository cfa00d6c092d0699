"""The base of every error that qtui raises for input that can't be used, and the "did you mean" of its messages."""

from __future__ import annotations

from collections.abc import Iterable


class QtuiError(ValueError):
    """Input that can't be used. The message is one clear sentence with the problem and the remedy."""


def near_matches(name: str, known: Iterable[str], count: int = 3, cutoff: float = 0.5) -> list[str]:
    """At most `count` of the `known` names, most alike first; `cutoff` is from 0 (anything) to 1 (the same)."""
    import difflib  # for mistakes only

    return difflib.get_close_matches(name, list(known), n=count, cutoff=cutoff)
