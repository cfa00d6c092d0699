"""JSON from files that may be hostile: bounded size and depth, no duplicate keys, no lone surrogates."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from qtui.models.source import ModelFileError

Pairs = list[tuple[str, Any]]


def parse_json(name: str, raw: bytes, hook: Callable[[Pairs], Any] | None = None, infinities: bool = False) -> Any:
    """The value in `raw`. `hook` makes a value of each object's pairs; the default is a dict of unique keys.

    `infinities` lets Infinity and NaN pass, which Python writes into config files, though they are not JSON.

    Raises ModelFileError naming `name` where it is not one JSON value.
    """

    def unique(pairs: Pairs) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for i, key in enumerate(keys) if key in keys[:i])
            raise ModelFileError(f"{name} is corrupt: {twice!r} appears twice in one object; download it again")
        return made

    try:
        text = raw.decode("utf-8")
        value = json.loads(text, object_pairs_hook=hook or unique, parse_constant=None if infinities else _refuse)
    except UnicodeDecodeError:
        raise ModelFileError(f"{name} is corrupt: it is not UTF-8 text; download it again") from None
    except RecursionError:
        raise ModelFileError(f"{name} is corrupt: its JSON is nested too deeply; download it again") from None
    except ModelFileError:
        raise
    except ValueError as error:
        reason = str(error).partition(":")[0]
        raise ModelFileError(f"{name} is corrupt: it is not JSON ({reason}); download it again") from None
    return value


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def is_text(value: Any) -> bool:
    """True for a str that can be written as UTF-8 (no lone surrogates)."""
    if not isinstance(value, str):
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
