"""Small JSON from files that may be hostile: bounded depth, no duplicate keys, no lone surrogates.

What may be large is walked instead (`json_walk.py`).
"""

from __future__ import annotations

import json
from typing import Any

from qtui.models.files.source import ModelFileError

# An empty list takes 56 bytes of memory and three of a file.
NESTS_LIMIT = 100_000


def parse_json(name: str, raw: bytes, infinities: bool = False) -> Any:
    """The value in `raw`.

    `infinities` lets Infinity and NaN pass, which Python writes into config files, though they are not JSON.
    Raises ModelFileError naming `name` where it is not one JSON value.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            raise ModelFileError(f"{name} is corrupt: one of its objects has a key twice; download it again")
        return made

    if raw.count(b"[") + raw.count(b"{") > NESTS_LIMIT:
        raise ModelFileError(f"{name} is corrupt: it has more lists and objects than any config; download it again")
    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=unique, parse_constant=None if infinities else _refuse
        )
        if b"\\u" in raw:  # only an escape can make half of a surrogate pair
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
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
