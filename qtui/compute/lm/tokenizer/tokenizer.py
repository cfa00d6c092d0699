"""A model's tokenizer: its tokens, the special ones among them, and the way from text to ids and back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from qtui.compute.lm.tokenizer.pieces import Pieces


@dataclass(frozen=True)
class Tokenizer:
    """Text to token ids and back.

    `user` are tokens that are always found as they stand; `control` tokens (begin, end, roles of a chat) only when
    asked for, and they have no text. `bos` begins every text where `add_bos`; `ends` end a model's answer.
    `prefix`: a space that nobody typed begins the text ("first"), and what follows a named token, too ("each");
    `prefix_once` leaves it out before one that was typed. White space around named tokens in `strips_before` and
    `strips_after` is dropped. `form` is the Unicode normal form that a text is brought to.
    """

    tokens: Sequence[str]
    pieces: Pieces
    user: Mapping[str, int] = field(default_factory=dict)
    control: Mapping[str, int] = field(default_factory=dict)
    bos: int | None = None
    ends: frozenset[int] = frozenset()
    add_bos: bool = False
    prefix: Literal["", "first", "each"] = ""
    prefix_once: bool = False
    strips_before: frozenset[str] = frozenset()
    strips_after: frozenset[str] = frozenset()
    form: Literal["", "NFC", "NFKC"] = ""

    def encode(self, text: str, *, begin: bool = True, special: bool = False) -> list[int]:
        """Token ids of `text`, after BOS where the model wants it and `begin`; `special` finds control tokens too."""
        ids = [self.bos] if begin and self.add_bos and self.bos is not None else []
        named = {**self.user, **self.control} if special else self.user
        text = unicodedata.normalize(self.form, text) if self.form else text
        begins = bool(self.prefix)
        for part in self._cut(text, named):
            if part in named:
                ids.append(named[part])
                begins = self.prefix == "each"
                continue
            typed = self.prefix_once and part[0] == " "
            ids += self.pieces.ids(f" {part}" if begins and not typed else part)
            begins = False
        return ids

    def _cut(self, text: str, named: Mapping[str, int]) -> list[str]:
        """`text` cut around the tokens in `named`: the longest is looked for first, everywhere, as llama.cpp does."""
        parts = [text]
        for name in sorted((name for name in named if name and name in text), key=len, reverse=True):
            before, after = (r"\s*" if name in names else "" for names in (self.strips_before, self.strips_after))
            pattern = re.compile(f"{before}({re.escape(name)}){after}")
            parts = [piece for part in parts for piece in ([part] if part in named else pattern.split(part))]
        return [part for part in parts if part]

    def raw(self, token: int) -> bytes:
        """The bytes that one token stands for; none for a control token or an id that there isn't."""
        if not 0 <= token < len(self.tokens):
            return b""
        text = self.tokens[token]
        if text in self.control:
            return b""
        return text.encode("utf-8", "surrogatepass") if text in self.user else self.pieces.raw(text)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of `ids`; bytes that are no UTF-8 become U+FFFD."""
        return b"".join(map(self.raw, ids)).decode("utf-8", "replace")

    def shown(self, token: int) -> str:
        """One token for a list: its text, "<0xE4>" for part of a character, or its name where it has none."""
        raw = self.raw(token)
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            return "".join(f"<0x{byte:02X}>" for byte in raw)
        return text or (self.tokens[token] if 0 <= token < len(self.tokens) else f"#{token}")
