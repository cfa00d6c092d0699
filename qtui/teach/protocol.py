"""What is said in a class, one JSON object a line: `{"v": 1, "is": "answer", "poll": 3, "choice": 1}`.

Each message is a frozen dataclass (`messages`); its fields say what they take. Whatever comes over a line is read by
`decode`, which refuses what is too long, of another version or of the wrong kind, and cleans every text, so that no
more than characters to look at goes any further.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from qtui.draw.safe import cut, safe
from qtui.error import QtuiError

VERSION = 1
LONGEST = 16 << 10  # bytes of a line from a student
LONGEST_TO_LEADER = 1 << 20  # of a line to the teacher: a roster, the results
NAME = 16  # cells of a name
TEXT = 300  # cells of any other text
CHOICES = 9  # of a poll
CURSOR = 6  # numbers that say where a cursor is
SETTINGS = 80  # of a Scenario
VALUE = 2000  # characters of one
Scenario = Mapping[str, Any]  # as `qtui.scenario.base.to_json` gives it; empty for none


class ProtocolError(QtuiError):
    """What came over a line is no message of a class."""


def clean(text: str, cells: int) -> str:
    """`text` in one line of at most `cells` cells, without what a terminal might obey or what does not show."""
    kept = ""
    for character in unicodedata.normalize("NFC", text[: 8 * cells]):
        character = " " if character.isspace() else character
        end = f"{kept[-8:]}{character}"
        if safe(end) == end:
            kept += character
    return cut(" ".join(kept.split()), cells).strip()


def clean_name(text: str) -> str:
    """A student's name, "student" where nothing of it is left."""
    return clean(text, NAME) or "student"


def require(condition: bool, what: str) -> None:
    """Raise ProtocolError unless `condition` holds of a message's `what`."""
    if not condition:
        raise ProtocolError(f"a message's {what} is wrong")


def text_value(value: Any, name: str) -> str:
    """A text, cleaned."""
    require(isinstance(value, str), name)
    return clean(value, TEXT)


def name_value(value: Any, name: str) -> str:
    """A student's name, cleaned."""
    require(isinstance(value, str), name)
    return clean_name(value)


def token_value(value: Any, name: str) -> str:
    """A token, or "" for none."""
    require(
        isinstance(value, str) and len(value) <= 64 and (value == "" or value.isascii() and value.isalnum()), name
    )
    return str(value)


def number_value(value: Any, name: str) -> int:
    """A whole number from -1 up."""
    require(type(value) is int and -1 <= value < 1 << 53, name)
    return int(value)


def flag_value(value: Any, name: str) -> bool:
    """True or False."""
    require(isinstance(value, bool), name)
    return bool(value)


def choices_value(value: Any, name: str) -> tuple[str, ...]:
    """The choices of a poll."""
    require(isinstance(value, list) and len(value) <= CHOICES, name)
    return tuple(text_value(choice, name) for choice in value)


def numbers_value(value: Any, name: str) -> tuple[int, ...]:
    """Numbers, one for each choice at most."""
    require(isinstance(value, list) and len(value) <= CHOICES, name)
    return tuple(number_value(number, name) for number in value)


def cursor_value(value: Any, name: str) -> tuple[int, ...]:
    """A cursor, as `Pane.cursor` gives it."""
    require(isinstance(value, list) and len(value) <= CURSOR, name)
    return tuple(number_value(number, name) for number in value)


def scenario_value(value: Any, name: str) -> dict[str, Any]:
    """A flat object; whether it is a Scenario is found out where its pane is known."""
    require(isinstance(value, dict) and len(value) <= SETTINGS, name)
    for key, setting in value.items():
        plain = setting if isinstance(setting, list) else [setting]
        require(len(key) <= NAME * 4 and len(plain) <= SETTINGS, name)
        require(all(part is None or isinstance(part, str | int | float | bool) for part in plain), name)
        require(all(not isinstance(part, str) or len(part) <= VALUE for part in plain), name)
    return dict(value)


def picture_value(value: Any, name: str) -> dict[str, Any]:
    """How a screen looks; whether it can be shown is found out by who shows it."""
    require(isinstance(value, dict), name)
    return dict(value)


def any_text(value: Any, name: str) -> str:
    """A text as it is, of whatever length."""
    require(isinstance(value, str), name)
    return str(value)


def takes(check: Callable[[Any, str], Any], default: Any = None) -> Any:
    """A field of a message, whose value `check` reads; `default` is also what an older qtui leaves out."""
    if isinstance(default, dict):
        return field(default_factory=dict, metadata={"check": check})
    return field(default=default, metadata={"check": check})


@dataclass(frozen=True)
class Message:
    """Base of the messages; `WORD` names the kind on the line."""

    WORD: ClassVar[str] = ""


def encode(message: Message) -> bytes:
    """`message` as one line."""
    return json.dumps({"v": VERSION, "is": message.WORD, **_plain(message)}, ensure_ascii=False).encode() + b"\n"


def _plain(message: Message) -> dict[str, Any]:
    values = {item.name: getattr(message, item.name) for item in fields(message)}
    return {name: _plain_value(value) for name, value in values.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) if isinstance(part, Message) else part for part in value]
    return dict(value) if isinstance(value, Mapping) else value


def decode(line: bytes, kinds: tuple[type[Message], ...], longest: int = LONGEST) -> Message:
    """The message in `line`, one of `kinds`. Raises ProtocolError."""
    if len(line) > longest:
        raise ProtocolError("a message is too long")
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        raise ProtocolError("a message is no JSON") from None
    if not isinstance(data, dict):
        raise ProtocolError("a message is no JSON object")
    if data.get("v") != VERSION:
        raise ProtocolError(f"the class speaks version {VERSION} of its language; use the same qtui as the teacher")
    for kind in kinds:
        if data.get("is") == kind.WORD:
            message: Message = fields_of(kind, data)
            return message
    raise ProtocolError("a message is of an unknown kind")


def fields_of(kind: type[Any], data: Any) -> Any:
    """A `kind` of what `data` has; what it has beyond that is left aside. Raises ProtocolError."""
    require(isinstance(data, dict), kind.WORD)
    known = (item for item in fields(kind) if item.name in data)
    return kind(**{item.name: item.metadata["check"](data[item.name], item.name) for item in known})
