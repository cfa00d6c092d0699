r"""Cutting text into words before byte-pair encoding, by the regular expressions that models were trained with.

Those speak of Unicode categories (`\p{L}`), which Python's `re` does not know. So each character is first replaced by
a representative of its category, one for one; ASCII stays itself. In that shadow of the text `\p{L}` is a short list
of characters, and words found in it are cut from the text at the same places. An expression that names characters
beyond ASCII, or a script (`\p{Han}`), is matched against the text itself, its categories written out in full.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

from qtui.error import QtuiError

# A character of each category, not of ASCII. Control characters U+001C to U+001F are no white space to Unicode.
_SHADOWS = {
    "Lu": "À",
    "Ll": "à",
    "Lt": "ǅ",
    "Lm": "ʰ",
    "Lo": "ª",
    "M": "\u0300",
    "N": "²",
    "P": "¡",
    "S": "¢",
    "space": "\u2003",
    "other": "\u200b",
}
_SPACES = frozenset("\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))))
_ASCII = {
    "Lu": "A-Z",
    "Ll": "a-z",
    "N": "0-9",
    "P": r"!\"#%&'()*,\-./:;?@\[\\\]_{}",
    "S": r"$+<=>\^`|~",
}
_PROPERTY = re.compile(r"\\([pP])\{(\w+)\}|(\\.)|(\[\^?)|(\])", re.DOTALL)


def _spans(text: str) -> str:
    """Code points in hexadecimal, "41-5a b5", as they are written inside brackets."""
    codes = (span.partition("-") for span in text.split())
    return "".join(f"\\U{first:0>8}-\\U{last or first:0>8}" for first, _, last in codes)


# Of Unicode 15.1.
_SCRIPTS = {
    "Han": _spans(
        "2e80-2e99 2e9b-2ef3 2f00-2fd5 3005 3007 3021-3029 3038-303b 3400-4dbf 4e00-9fff f900-fa6d fa70-fad9 "
        "16fe2-16fe3 16ff0-16ff1 20000-2a6df 2a700-2b739 2b740-2b81d 2b820-2cea1 2ceb0-2ebe0 2ebf0-2ee5d 2f800-2fa1d "
        "30000-3134a 31350-323af"
    )
}
_CONTRACTIONS = "'s|'t|'re|'ve|'m|'ll|'d"
_ANY_CASE = "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]"
GPT2 = rf"{_CONTRACTIONS}| ?\p{{L}}+| ?\p{{N}}+| ?[^\s\p{{L}}\p{{N}}]+|\s+(?!\S)|\s+"
_MODERN = (
    rf"(?:{_ANY_CASE})|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}DIGITS| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_CASED = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+ENDING|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*ENDING|\p{{N}}DIGITS"
    r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_LLAMA3 = (_MODERN.replace("DIGITS", "{1,3}"),)
_QWEN2 = (_MODERN.replace("DIGITS", ""),)
_DIGIT_BY_DIGIT = (r"\p{N}", GPT2)
# DeepSeek LLM's letters and marks, as code points.
_CASED_LETTERS = (
    "41-5a 61-7a b5 c0-d6 d8-f6 f8-1ba 1bc-1bf 1c4-293 295-2af 370-373 376-377 37b-37d 37f 386 388-38a 38c 38e-3a1 "
    "3a3-3f5 3f7-481 48a-52f 531-556 10a0-10c5 13a0-13f5 13f8-13fd 1c90-1cba 1cbd-1cbf 1d00-1d2b 1d6b-1d77 1d79-1d9a "
    "1e00-1f15 1f18-1f1d 1f20-1f45 1f48-1f4d 1f50-1f57 1f59 1f5b 1f5d 1f5f-1f7d 1f80-1fb4 1fb6-1fbc 1fbe 1fc2-1fc4 "
    "1fc6-1fcc 1fd0-1fd3 1fd6-1fdb 1fe0-1fec 1ff2-1ff4 1ff6-1ffc 2102 2107 210a-2113 2115 2119-211d 2124 2126 2128 "
    "212a-212d 212f-2134 2139 213c-213f 2145-2149 214e 2183-2184 2c00-2c7b 2c7e-2ce4 2ceb-2cee 2cf2-2cf3 a640-a66d "
    "a680-a69b a722-a76f a771-a787 a78b-a78e ab70-abbf fb00-fb06 fb13-fb17 ff21-ff3a ff41-ff5a 10400-1044f "
    "104b0-104d3 104d8-104fb 10c80-10cb2 10cc0-10cf2 118a0-118df 1e900-1e943"
)
_MARKS = "21-2f 3a-7e ff01-ff0f ff1a-ff5e 2018-201f 3000-3002"
_IDEOGRAPHS = "[一-龥\u0800-一가-\ud7ff]+"
_DEEPSEEK_V3 = (
    r"\p{N}{1,3}",
    "[一-龥\u3040-ゟ゠-ヿ]+",
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
)

# llama.cpp's names of pre-tokenizers (`tokenizer.ggml.pre`; llama-vocab.cpp, October 2026) and their expressions,
# each applied to the pieces that those before it made.
PATTERNS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("llama-bpe", "llama3", "llama-v3", "falcon3", "smaug-bpe", "dbrx"), _LLAMA3),
    **dict.fromkeys(("qwen2", "deepseek-r1-qwen", "megrez", "stablelm2", "hunyuan"), _QWEN2),
    **dict.fromkeys(("gpt-2", "phi-2", "mpt", "olmo", "exaone4"), (GPT2,)),
    **dict.fromkeys(("smollm", "starcoder", "refact", "command-r", "codeshell", "exaone"), _DIGIT_BY_DIGIT),
    **dict.fromkeys(("tekken", "pixtral"), (_CASED.replace("ENDING", "").replace("DIGITS", ""),)),
    **dict.fromkeys(
        ("gpt-4o", "llama4"), (_CASED.replace("ENDING", f"(?:{_ANY_CASE})?").replace("DIGITS", "{1,3}"),)
    ),
    "deepseek-llm": (
        r"[\r\n]",
        rf"\s?[{_spans(_CASED_LETTERS)}]+",
        rf"\s?[{_spans(_MARKS)}]+",
        r"\s+$",
        _IDEOGRAPHS,
        r"\p{N}+",
    ),
    "deepseek-coder": (r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", _IDEOGRAPHS, r"\p{N}"),
    **dict.fromkeys(("deepseek-v3", "hunyuan-dense"), _DEEPSEEK_V3),
    "default": (r"[\p{P}$+<=>\^~|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"),
}
# Where a word that is a token as it stands is not built by merges.
WHOLE_WORDS = frozenset(("llama-bpe", "llama3", "llama-v3", "falcon3", "tekken", "pixtral"))


class _Shadow(dict[int, str]):
    """Code point to its representative, found out when first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if code < 128:
            shadow = _SHADOWS["other"] if 0x1C <= code < 0x20 else character
        elif character in _SPACES:
            shadow = _SHADOWS["space"]
        else:
            kind = unicodedata.category(character)
            shadow = _SHADOWS.get(kind) or _SHADOWS.get(kind[0]) or _SHADOWS["other"]
        self[code] = shadow
        return shadow


_SHADOW = _Shadow()
_NO_SPACES = {code: _SHADOWS["other"] for code in range(0x1C, 0x20)}


def members(category: str) -> str:
    """What stands for a Unicode category inside brackets, in the shadow. Raises QtuiError for an unknown one."""
    known = [name for name in _SHADOWS if name.startswith(category)] if category else []
    if not known or category in ("space", "other"):
        raise QtuiError(f"the Unicode category {category!r} is not known here")
    return "".join(_ASCII.get(name, "") + _SHADOWS[name] for name in known)


def written_out(category: str) -> str:
    """A Unicode category or script as the ranges of its characters, for brackets. Raises QtuiError for an unknown
    one."""
    if category in _SCRIPTS:
        return _SCRIPTS[category]
    members(category)  # raises QtuiError
    ranges = (span for kind, spans in _characters().items() if kind.startswith(category) for span in spans)
    return _spans(" ".join(f"{first:x}-{last:x}" for first, last in ranges))


@lru_cache(maxsize=1)
def _characters() -> dict[str, list[tuple[int, int]]]:
    """The first and last character of each run, by category."""
    runs: dict[str, list[tuple[int, int]]] = {}
    start = 0
    for kind, run in groupby(map(unicodedata.category, map(chr, range(sys.maxunicode + 1)))):
        stop = start + sum(1 for _ in run)
        runs.setdefault(kind, []).append((start, stop - 1))
        start = stop
    return runs


def translated(pattern: str) -> str:
    r"""`pattern` with `\p{...}` written for the shadow, or out in full where it is `literal`.

    Raises QtuiError for what can't be told: an unknown category, a negated one inside brackets.
    """
    inside = False
    spelled = written_out if literal(pattern) else members

    def written(match: re.Match[str]) -> str:
        nonlocal inside
        kind, category, _, opening, closing = match.groups()
        if category:
            if kind == "P" and inside:
                raise QtuiError(f"the expression {pattern[:60]!r} can't be used here")
            return spelled(category) if inside else f"[{'^' * (kind == 'P')}{spelled(category)}]"
        if opening and not inside:
            inside = True
        elif closing:
            inside = False
        elif opening:  # a bracket inside brackets stands for itself
            return "\\" + opening
        return match[0]

    made = _PROPERTY.sub(written, pattern)
    # Possessive quantifiers only stop a search from going back, which these expressions never need.
    made = re.sub(r"(?<=[\])}.\w])([?+*}])\+", r"\1", made)
    try:
        re.compile(made)
    except re.error as error:
        raise QtuiError(f"the expression {pattern[:60]!r} can't be used here: {error}") from None
    return made


def literal(pattern: str) -> bool:
    """Whether `pattern` names characters beyond ASCII or a script, and is matched against the text itself."""
    scripts = any(f"{{{name}}}" in pattern for name in _SCRIPTS)
    return scripts or not pattern.isascii() or re.search(r"\\[uUx]", pattern) is not None


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translated(pattern))


def split(text: str, patterns: Sequence[str]) -> list[str]:
    """The pieces of `text`: what each pattern matches, and what lies between, is a piece of its own."""
    shadow, plain = text.translate(_SHADOW), text.translate(_NO_SPACES)
    ends = [0, len(text)] if text else [0]
    for pattern in patterns:
        search = _compiled(pattern).finditer
        searched = plain if literal(pattern) else shadow
        cut = [0]
        for start, stop in zip(ends, ends[1:], strict=False):
            for match in search(searched[start:stop]):
                first, last = start + match.start(), start + match.end()
                cut += [place for place in (first, last) if place != cut[-1]]
            if cut[-1] != stop:
                cut.append(stop)
        ends = cut
    return [text[start:stop] for start, stop in zip(ends, ends[1:], strict=False)]
