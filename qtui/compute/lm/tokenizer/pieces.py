"""From a piece of text to tokens: by merging neighbours in the order that was learned, or by the likeliest path."""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from qtui.compute.cache import Cache
from qtui.compute.lm.tokenizer.splitting import split

SPACE = "▁"
WORDS = 1 << 16  # words whose tokens are remembered
Rank = Callable[[str, str], "float | None"]


class Pieces(Protocol):
    """One kind of tokenizer, without its special tokens."""

    def ids(self, text: str) -> list[int]:
        """Token ids of a text without special tokens."""
        ...

    def raw(self, token: str) -> bytes:
        """The bytes of text that a token stands for."""
        ...


def merged(symbols: Sequence[str], rank: Rank) -> list[str]:
    """`symbols` after merging neighbours, lowest rank first and the leftmost of equals, until none has a rank."""
    parts: list[str] = list(symbols)  # empty where merged into the one before
    after, before = list(range(1, len(parts) + 1)), list(range(-1, len(parts) - 1))
    waiting: list[tuple[float, int, str, str]] = []

    def offer(left: int, right: int) -> None:
        if left >= 0 and right < len(parts):
            value = rank(parts[left], parts[right])
            if value is not None:
                heapq.heappush(waiting, (value, left, parts[left], parts[right]))

    for i in range(len(parts) - 1):
        offer(i, i + 1)
    while waiting:
        _, left, first, second = heapq.heappop(waiting)
        right = after[left]
        if parts[left] != first or right >= len(parts) or parts[right] != second:
            continue  # one of them has been merged since
        parts[left], parts[right] = first + second, ""
        after[left] = after[right]
        if after[right] < len(parts):
            before[after[right]] = left
        offer(before[left], left)
        offer(left, after[left])
    return [part for part in parts if part]


def byte_alphabet() -> tuple[str, ...]:
    """The character that stands for each byte in byte-level BPE: itself where it prints, else one from U+0100 on."""
    prints = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = {byte: chr(0x100 + i) for i, byte in enumerate(b for b in range(256) if b not in prints)}
    return tuple(rest.get(byte, chr(byte)) for byte in range(256))


_BYTES = byte_alphabet()
_OF_BYTES = {character: byte for byte, character in enumerate(_BYTES)}


@dataclass(frozen=True)
class ByteBpe:
    """Byte-level BPE (GPT-2, Llama 3, Qwen, SmolLM): words by `patterns`, their bytes merged by `ranks`.

    `whole`: a word that is a token needs no merges.
    """

    known: Mapping[str, int]
    ranks: Mapping[tuple[str, str], int]
    patterns: tuple[str, ...]
    whole: bool = False
    _words: Cache[tuple[int, ...]] = field(default_factory=lambda: Cache(WORDS), repr=False, compare=False)

    def ids(self, text: str) -> list[int]:
        """Token ids of a text without special tokens; a byte that is no token is left out, as llama.cpp does."""
        ids: list[int] = []
        for word in split(text, self.patterns):
            ids += self._words.get(word, lambda: self._word(word))  # noqa: B023 - used at once
        return ids

    def _word(self, word: str) -> tuple[int, ...]:
        letters = "".join(_BYTES[byte] for byte in word.encode("utf-8", "surrogatepass"))
        if self.whole and letters in self.known:
            return (self.known[letters],)
        ids: list[int] = []
        for part in merged(letters, lambda left, right: self.ranks.get((left, right))):
            pieces = (part,) if part in self.known else part
            ids += (self.known[piece] for piece in pieces if piece in self.known)
        return tuple(ids)

    def raw(self, token: str) -> bytes:
        """The bytes of text that a token stands for."""
        if all(character in _OF_BYTES for character in token):
            return bytes(_OF_BYTES[character] for character in token)
        return token.encode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class SentencePieces:
    """SentencePiece's BPE (Llama 2, Gemma): spaces are written ▁, and characters merged by `rank`.

    What is no token at the end becomes tokens of its bytes, "<0xE4>", or `unknown`.
    """

    known: Mapping[str, int]
    rank: Rank
    unknown: int | None
    words_apart: bool
    _words: Cache[tuple[int, ...]] = field(default_factory=lambda: Cache(WORDS), repr=False, compare=False)

    def ids(self, text: str) -> list[int]:
        """Token ids of a text without special tokens."""
        escaped = text.replace(" ", SPACE)
        words = re.findall(f"{SPACE}+[^{SPACE}]*|[^{SPACE}]+", escaped) if self.words_apart else [escaped]
        ids: list[int] = []
        for word in words:
            ids += self._words.get(word, lambda: self._word(word))  # noqa: B023 - used at once
        return ids

    def _word(self, word: str) -> tuple[int, ...]:
        ids: list[int] = []
        for part in merged(word, self.rank):
            ids += (self.known[part],) if part in self.known else self._bytes(part)
        return tuple(ids)

    def _bytes(self, part: str) -> list[int]:
        names = [f"<0x{byte:02X}>" for byte in part.encode("utf-8", "surrogatepass")]
        if all(name in self.known for name in names):
            return [self.known[name] for name in names]
        return [] if self.unknown is None else [self.unknown]

    def raw(self, token: str) -> bytes:
        """The bytes of text that a token stands for."""
        return _sentence_piece(token)


@dataclass(frozen=True)
class Unigram:
    """SentencePiece's unigram model: the tokens whose scores add up to most. `unknown` stands for a character that
    no token has, at the lowest score less 10."""

    known: Mapping[str, int]
    scores: Sequence[float]
    unknown: int | None

    def ids(self, text: str) -> list[int]:
        """Token ids of a text without special tokens."""
        written = text.replace(" ", SPACE)
        longest = max(map(len, self.known), default=1)
        lowest = min((self.scores[token] for token in self.known.values()), default=0.0) - 10
        # Score, start and id of the token that ends at each place.
        best: list[tuple[float, int, int | None]] = [(0.0, 0, None)]
        for end in range(1, len(written) + 1):
            start = end - 1
            chosen = (best[start][0] + lowest, start, self.unknown)
            for start in range(max(0, end - longest), end):
                token = self.known.get(written[start:end])
                if token is not None and best[start][0] + self.scores[token] > chosen[0]:
                    chosen = (best[start][0] + self.scores[token], start, token)
            best.append(chosen)
        ids: list[int] = []
        end = len(written)
        while end > 0:
            _, end, token = best[end]
            ids += [] if token is None or token == self.unknown == (ids[-1] if ids else None) else [token]
        return ids[::-1]

    def raw(self, token: str) -> bytes:
        """The bytes of text that a token stands for."""
        return _sentence_piece(token)


_BYTE_TOKEN = re.compile(r"<0x([0-9A-F]{2})>")


def _sentence_piece(token: str) -> bytes:
    byte = _BYTE_TOKEN.fullmatch(token)
    return bytes([int(byte[1], 16)]) if byte else token.replace(SPACE, " ").encode("utf-8", "surrogatepass")


def words_apart(tokens: Iterable[str]) -> bool:
    """Whether no token has a space behind another character, so that words can be merged one by one."""
    inner = re.compile(f"[^{SPACE}]{SPACE}")
    return not any(inner.search(token) for token in tokens)
