"""Finding a model by what a person types: "qwen3 8b" is Qwen3-8B and never a 1.8B.

Names are cut into words; numbers and sizes match whole, words may be begun only ("inst" for "instruct"). The words
must appear in the name in the typed order. Words that say nothing about which model it is (instruct, chat, hf) may be
left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from qtui.error import near_matches

_SEPARATORS = r"[\s/_,:()-]+"
_SPLIT = r"^([a-z]{2,}|[vrkm])(\d+(?:\.\d+)*)$"
_TAG = r"(?i)[:\s-]((?:ud-)?(?:i?q|tq)\d\w*|mxfp4\w*|b?f16)$"
_OPTIONAL = frozenset(("instruct", "it", "chat", "hf", "base", "bf16", "meta", "qwen", "gguf"))


def words(name: str) -> list[str]:
    """The words of `name`, small letters: "Qwen/Qwen3-8B" gives qwen, qwen, 3, 8b."""
    parts: list[str] = []
    for word in re.split(_SEPARATORS, name.lower()):
        split = re.match(_SPLIT, word)
        parts += split.groups() if split else [word] if word else []
    return parts


def of_repository(name: str) -> tuple[str, str]:
    """The model's own name in that of a repository or a tag that packs it anew, and the format that it names.

    "hf.co/unsloth/Qwen3-8B-GGUF:Q4_K_M" gives "Qwen3-8B-GGUF" and "Q4_K_M".
    """
    plain = re.sub(r"^(?:https?://)?(?:huggingface\.co|hf\.co)/|(?:/tree/[^/]*)?/?$", "", name.strip())
    tag = re.search(_TAG, plain)
    return plain[: tag.start() if tag else None].rpartition("/")[2], tag[1].upper() if tag else ""


def _fits(typed: str, word: str, begun: bool = False) -> bool:
    if typed == word or (begun and word.startswith(typed)):
        return True
    return len(typed) >= 2 and typed.isalpha() and word.isalpha() and word.startswith(typed)


def skipped(typed: Sequence[str], name: Sequence[str], begun: bool = False) -> list[str] | None:
    """The words of `name` that `typed` leaves out, or None where some typed word isn't there in order.

    Where the last word is only `begun`, it may be the beginning of any word.
    """
    left: list[str] = []
    rest = iter(name)
    for i, wanted in enumerate(typed):
        for word in rest:
            if _fits(wanted, word, begun and i == len(typed) - 1):
                break
            left.append(word)
        else:
            return None
    return left + list(rest)


def search(query: str, names: Iterable[str], typing: bool = False) -> list[str]:
    """The names that `query` can mean, the nearest first; one that matches outright stands alone.

    While a person is still `typing` the last word may be incomplete, and nothing stands alone.
    """
    listed = list(names)
    folded = query.strip().lower()
    for name in listed:
        if not typing and folded in (name.lower(), name.lower().rpartition("/")[2]):
            return [name]
    typed = [word for word in words(query) if word != "gguf"]
    if not typed:
        return []
    hits: list[tuple[int, int, str]] = []
    for name in listed:
        folded = name.lower()
        if not all(word in folded for word in typed):  # a word that fits is part of the name: a quick check
            continue
        own = words(name.rpartition("/")[2])
        # The owner's name may be typed too ("deepseek-ai deepseek v3").
        best = min(
            (left for form in (own, words(name)) if (left := skipped(typed, form, typing)) is not None),
            key=len,
            default=None,
        )
        if best is not None:
            telling = sum(word not in _OPTIONAL for word in best)
            begun = typed[-1] not in words(name)
            hits.append((telling + begun, len(best), name))
    hits.sort(key=lambda hit: (hit[0], hit[1], len(hit[2]), hit[2]))
    if typing:  # "qwen" begins Qwen3-8B; of Qwen/QwQ-32B it is the owner
        hits.sort(key=lambda hit: not hit[2].lower().rpartition("/")[2].startswith(typed[0]))
        return [name for _, _, name in hits]
    exact = [name for telling, _, name in hits if telling == 0]
    if len(exact) == 1 or (exact and hits[0][1] < hits[1][1] and hits[1][0] == 0):
        return exact[:1]
    return [name for _, _, name in hits]


def near(query: str, names: Iterable[str]) -> list[str]:
    """Three names that look like `query`, for "did you mean"."""
    short = {name.rpartition("/")[2].lower(): name for name in names}
    return [short[hit] for hit in near_matches(query.lower(), short, 3)]
