"""JSON from files that may be hostile.

`parse_json` reads small texts: bounded depth, no duplicate keys, no lone surrogates. `Walker` goes through large
objects member by member, since `json.loads` turns `[[],[],...]` into a hundred times its own size. Headers of
safetensors files and indexes of shards are flat and may be large: their strings are read one by one, anything else
only where it is short.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from qtui.models.files.source import ModelFileError

# An empty list takes 56 bytes of memory and three of a file.
NESTS_LIMIT = 100_000


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


_SPACE = re.compile(r"[ \t\r\n]*")
_PAIRS = json.JSONDecoder(object_pairs_hook=list, parse_constant=_refuse)


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


class Walker:
    """A place in JSON text. Every method raises ModelFileError naming the file where the text is not as expected."""

    def __init__(self, name: str, raw: bytes) -> None:
        self.name = name
        self.at = 0
        try:
            self.text = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise ModelFileError(f"{name} is corrupt: it is not UTF-8 text; download it again") from None

    def bad(self, problem: str) -> ModelFileError:
        """The error for text that is not JSON as it should be."""
        return ModelFileError(f"{self.name} is corrupt: {problem} at character {self.at:,}; download it again")

    def peek(self) -> str:
        """The next character that is no space; nothing at the end."""
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def expect(self, character: str) -> None:
        """Step over `character`."""
        if self.peek() != character:
            raise self.bad(f"it is not JSON, {character!r} was expected")
        self.at += 1

    def string(self) -> str:
        """The string that comes next. It can be written as UTF-8: half of a surrogate pair is refused."""
        self.expect('"')
        try:
            value, self.at = scanstring(self.text, self.at, True)
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise self.bad("a name is not text") from None
        except ValueError:
            raise self.bad("it is not JSON, a string does not end well") from None
        text: str = value
        return text

    def small(self, limit: int) -> Any:
        """The value that comes next, of at most `limit` characters; objects are lists of pairs."""
        self.peek()
        try:
            value, length = _PAIRS.raw_decode(self.text[self.at : self.at + limit])
        except RecursionError:
            raise self.bad("its JSON is nested too deeply") from None
        except ValueError:
            raise self.bad("it is not JSON, or a value is absurdly long") from None
        self.at += length
        return value

    def members(self, usual: re.Pattern[str] | None = None) -> Iterator[tuple[str, re.Match[str] | None]]:
        """The keys of the object that comes next. Read each one's value before asking for another.

        Where `usual`, a pattern whose first group is the key, matches a whole member, that member has been read, and
        the match is given with its key: one match is ten times as fast as a walk.
        """
        self.expect("{")
        if self.peek() == "}":
            self.at += 1
            return
        while True:
            match = usual.match(self.text, self.at) if usual else None
            if match:
                self.at = match.end()
                yield match[1], match
            else:
                key = self.string()
                self.expect(":")
                yield key, None
            following = self.text[self.at : self.at + 1]
            if following != "," and self.peek() == "}":
                self.at += 1
                return
            if following == ",":
                self.at += 1
            else:
                self.expect(",")

    def end(self) -> None:
        """Nothing but spaces may follow."""
        if self.peek():
            raise self.bad("it is not JSON, there is more than one value")
