"""`--plain`: the Result in short lines of prose, one fact a line, for screen readers and logs.

Made from the same JSON object that `--json` prints: every name in it becomes words, every number is spoken with its
unit. Nothing is drawn, and nothing is aligned by spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from qtui.draw.units import decimal

FEW = 12  # numbers of a list that are read out; of more only how many there are, the least and the largest
MOST = 60  # entries of a list that are read out
SUBJECTS = ("name", "model", "format", "tensor", "role", "layer", "label", "type", "title", "what", "key")

_UNITS = {"kB": "kilobytes", "MB": "megabytes", "GB": "gigabytes", "TB": "terabytes", "PB": "petabytes", "B": "bytes"}
# Ends of names, with the unit that is spoken after the number.
_SPOKEN_UNITS = (
    ("_bytes", "bytes"),
    ("_db", "decibels"),
    ("_nats", "nats"),
    ("_percent", "per cent"),
    ("_seconds", "seconds"),
    ("tokens_per_second", "tokens a second"),
    ("bits_per_weight", "bits"),
)
# Abbreviations in names, spoken.
_WORDS = {
    "sqnr": "signal to noise",
    "rmse": "usual error",
    "kld": "KL divergence",
    "ppl": "perplexity",
    "kv": "KV",
    "ulp": "distance to the next value",
    "ctx": "context",
    "max": "largest",
    "min": "smallest",
    "rel": "relative",
    "abs": "absolute",
}
_SIZE = re.compile(r"(\d) ?(kB|MB|GB|TB|PB|dB)\b")
_POWER = re.compile(r"(?<![\w.])(-?\d+(?:\.\d+)?)e([+-]?\d+)\b")
_BELOW_ZERO = re.compile(r"(?<![\w.,)\]-])-(?=\d)")
_PER_CENT = re.compile(r"(\d) ?%")
_DRAWN = re.compile(r"[─-▟■-◿⠀-⣿]+")  # boxes, blocks, shapes, Braille


def prose(sentence: str, value: Any) -> str:
    """`sentence`, if any, and every fact in the JSON value `value`, a line each; or the sentences in `value`."""
    first = [_clean(sentence)] if sentence else []
    return "\n".join([*first, *(map(_clean, value) if _is_sentences(value) else _facts("", value))])


def _is_sentences(value: Any) -> bool:
    """Whether it is sentences already."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _facts(subject: str, value: Any) -> Iterator[str]:
    """The facts in `value`, each with what it is about."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _fact(subject, str(name), item)
    elif isinstance(value, list):
        for number, item in enumerate(value[:MOST], 1):
            key = _key(item)
            if key:
                yield from _facts(str(item[key]), {name: fact for name, fact in item.items() if name != key})
            else:
                yield from _facts(f"{subject} {number}".strip(), item)
        if len(value) > MOST:
            yield f"And {len(value) - MOST:,} more, which --json lists."


def _fact(subject: str, name: str, value: Any) -> Iterator[str]:
    words = _spoken_name(name)
    if isinstance(value, dict) or isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        yield from _facts(", ".join(filter(None, (subject, words))), value)
    elif value not in ("", [], {}):
        yield _clean(f"{', '.join(filter(None, (subject, words)))}: {_spoken(name, value)}")


def _key(item: Any) -> str:
    """The key of what names an entry of a list; "" where nothing does."""
    if not isinstance(item, dict):
        return ""
    return next((key for key in SUBJECTS if isinstance(item.get(key), str) and item[key]), "")


def _spoken_name(name: str) -> str:
    for end, _ in _SPOKEN_UNITS[:5]:
        name = name.removesuffix(end) or name
    return " ".join(_WORDS.get(word, word) for word in name.replace("_", " ").split())


def _spoken(name: str, value: Any) -> str:
    """A value in words, with its unit where its name says one."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return _spoken_list(name, value)
    if isinstance(value, str):
        return value
    unit = next((unit for end, unit in _SPOKEN_UNITS if name == end.strip("_") or name.endswith(end)), "")
    unit = "bytes" if name.startswith(("ram_", "vram_")) and not unit else unit
    if unit == "bytes" and abs(value) >= 1000:
        number, _, short = decimal(int(value)).partition(" ")
        return f"{number} {_UNITS[short]}"
    return f"{_number(value)} {unit}".strip()


def _spoken_list(name: str, values: list[Any]) -> str:
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(values) > FEW and len(numbers) == len(values):
        return f"{len(values):,} numbers, from {_number(min(numbers))} to {_number(max(numbers))}"
    listed = ", ".join(_spoken(name, value) for value in values[:MOST])
    return listed + (f" and {len(values) - MOST:,} more" if len(values) > MOST else "")


def _number(value: int | float) -> str:
    """A number as it is read: thousands parted, powers of ten in words, at most four digits that matter."""
    if isinstance(value, int):
        return f"{value:,}".replace("-", "minus ")
    digits, _, power = f"{value:.4g}".partition("e")
    spoken = digits.replace("-", "minus ")
    return f"{spoken} times ten to the {int(power)}".replace("the -", "the minus ") if power else spoken


def _clean(text: str) -> str:
    """One sentence without drawing characters, its units spoken, its words one space apart."""
    text = " ".join(_DRAWN.sub(" ", text).split())
    text = _POWER.sub(
        lambda match: f"{match[1]} times ten to the {int(match[2])}".replace("the -", "the minus "), text
    )
    text = _PER_CENT.sub(r"\1 per cent", _BELOW_ZERO.sub("minus ", text))
    text = _SIZE.sub(lambda match: f"{match[1]} {_UNITS.get(match[2], 'decibels')}", text)
    first = text.partition(" ")[0].rstrip(".,:;?!")
    if not any(mark in first for mark in "_./"):  # the name of a tensor, a format or a file stays as it is
        text = text[:1].upper() + text[1:]
    return text + ("" if text.endswith((".", "?", "!", ":")) else ".")
