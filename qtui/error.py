"""The base of the errors for input that can't be used, the checks of what was given, and "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable


class QtuiError(ValueError):
    """Input that can't be used. The message is one clear sentence with the problem and the remedy."""


def check_type(value: object, kinds: type | tuple[type, ...], name: str, what: str) -> None:
    """Raises TypeError unless `value`, the argument `name`, is of one of `kinds`, which are `what` in words."""
    if not isinstance(value, kinds):
        raise TypeError(f"{name} is {what}, not {type(value).__name__}")


def whole_number(text: str) -> int | None:
    """The number in `text`, None unless it is 1 to 18 of the digits 0 to 9.

    str.isdigit also takes what int refuses, such as a raised two, and int refuses thousands of digits.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def near_matches(name: str, known: Iterable[str], count: int = 3, cutoff: float = 0.5) -> list[str]:
    """At most `count` of the `known` names, most alike first; `cutoff` is from 0 (anything) to 1 (the same).

    First come those that begin so but for case, spaces and signs: q4km is Q4_K_M.
    """
    import difflib  # for mistakes only

    names = list(known)
    wanted = _letters(name)
    begun = [other for other in names if len(wanted) > 2 and _letters(other).startswith(wanted)]
    begun.sort(key=len)
    alike = difflib.get_close_matches(name, names, n=count, cutoff=cutoff)
    return list(dict.fromkeys([*begun, *alike]))[:count]


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
