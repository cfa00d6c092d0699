r"""Cutting text into words before byte-pair encoding, by the regular expressions that models were trained with.

Those speak of Unicode categories (`\p{L}`), which Python's `re` does not know. So each character is first replaced by
a representative of its category, one for one; ASCII stays itself. In that shadow of the text `\p{L}` is a short list
of characters, and words found in it are cut from the text at the same places. An expression that names characters
beyond ASCII instead of categories is matched against the text itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

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
_PROPERTY = re.compile(r"\\p\{(\w+)\}|(\\.)|(\[\^?)|(\])", re.DOTALL)

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
    """What stands for a Unicode category inside brackets, in the shadow. Raises ValueError for an unknown one."""
    known = [name for name in _SHADOWS if name.startswith(category)] if category else []
    if not known or category in ("space", "other"):
        raise ValueError(f"the Unicode category {category!r} is not known here")
    return "".join(_ASCII.get(name, "") + _SHADOWS[name] for name in known)


def translated(pattern: str) -> str:
    r"""`pattern` with `\p{...}` written out for the shadow; one that is `literal` as it is.

    Raises ValueError for what can't be told: characters beyond ASCII beside categories, negated categories.
    """
    if r"\P" in pattern or (literal(pattern) and r"\p" in pattern):
        raise ValueError(f"the expression {pattern[:60]!r} can't be used here")
    inside = False

    def written(match: re.Match[str]) -> str:
        nonlocal inside
        category, _, opening, closing = match.groups()
        if category:
            return members(category) if inside else f"[{members(category)}]"
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
        raise ValueError(f"the expression {pattern[:60]!r} can't be used here: {error}") from None
    return made


def literal(pattern: str) -> bool:
    """Whether `pattern` names characters beyond ASCII, and is matched against the text itself."""
    return not pattern.isascii() or re.search(r"\\[uUx]", pattern) is not None


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
