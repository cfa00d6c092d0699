"""A Scenario is everything a person chose on a pane: a frozen dataclass of plain values.

It is declared once, with `option` and `argument`; from that declaration follow its command-line parser, the
command that reopens it, its JSON, undo (a list of Scenarios) and session restore. Each pane has a folder
beside this module: `scenario.py`, `result.py`, `solve.py` with `solve(scenario, ...) -> Result`, and `json.py`.
"""

from __future__ import annotations

import argparse
import math
import os
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, Field, field, fields
from functools import wraps
from typing import Any, ClassVar, TypeVar

from qtui.compute.format import FormatError
from qtui.error import QtuiError, whole_number

PANE_NAMES = {"mem": "memory", "quantize": "quantizer"}  # of commands that are not called as their pane


class UserError(QtuiError):
    """Input that can't be used. The message is one clear sentence with the problem and the remedy."""


def check_written(path: str, *read: str) -> None:
    """Raises UserError where a file written at `path` would replace a model, or one of those that are `read`."""
    if not os.path.isfile(path):
        return
    if any(os.path.exists(other) and os.path.samefile(path, other) for other in read):
        raise UserError(f"{path} is what is read; write to another file")
    if path.lower().endswith((".gguf", ".safetensors")):
        raise UserError(f"{path} is a model, which would be lost; write to another file")


@contextmanager
def user_input() -> Iterator[None]:
    """A context in which the errors of functions that read a person's input become UserErrors."""
    try:
        yield
    except UserError:
        raise
    except (FormatError, QtuiError) as error:
        raise UserError(str(error)) from None


class Scenario:
    """Base of the panes' Scenarios: frozen dataclasses of str, int, float, bool, None or tuples of str."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    command: ClassVar[str] = ""

    @property
    def pane_name(self) -> str:
        """The pane that shows it, which is also the name of its folder in every room."""
        return PANE_NAMES.get(self.command, self.command)

    @property
    def view_name(self) -> str:
        """The view of the pane that it asks for; a pane with a single view has its own name there."""
        return str(getattr(self, "view", self.pane_name))


S = TypeVar("S", bound=Scenario)


def argument(default: Any, help: str, *, metavar: str | None = None, many: bool = False) -> Any:
    """A positional value; `many` collects the rest into a tuple."""
    return field(default=default, metadata={"kind": "argument", "help": help, "metavar": metavar, "many": many})


def option(
    default: Any,
    help: str,
    *flags: str,
    metavar: str | None = None,
    type: Callable[[str], Any] | None = None,
    choices: Sequence[str] | None = None,
    many: bool = False,
    also: tuple[str, ...] = (),
) -> Any:
    """A named value. `flags` default to the field's name; `type` parses text and raises ValueError with a reason.

    A bool becomes a switch; where its default is True the switch is `--no-NAME`. `many` may be given repeatedly.
    `also` are further spellings, understood but not shown: those of other commands, and earlier ones.
    """
    metadata = {"kind": "option", "help": help, "flags": flags, "metavar": metavar, "many": many}
    return field(default=default, metadata=metadata | {"type": type, "choices": choices, "also": also})


def _flags(item: Field[Any]) -> tuple[str, ...]:
    given: tuple[str, ...] = item.metadata.get("flags") or ()
    negated = "no-" if item.default is True else ""
    return given or (f"--{negated}{item.name.replace('_', '-')}",)


def _parser_for(convert: Callable[[str], Any]) -> Callable[[str], Any]:
    @wraps(convert)  # argparse names it in "invalid int value"
    def parse(text: str) -> Any:
        try:
            return convert(text)
        except QtuiError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse


def add_arguments(parser: argparse.ArgumentParser, kind: type[Scenario]) -> None:
    """Declare on `parser` every argument and option of the Scenario class `kind`."""
    for item in fields(kind):
        meta = item.metadata
        default = item.default if item.default is not MISSING else None
        convert = _parser_for(meta["type"]) if meta.get("type") else _plain_type(default)
        if meta["kind"] == "argument":
            extra: dict[str, Any] = {"nargs": "*" if meta["many"] else "?", "type": _parser_for(_not_empty)}
            parser.add_argument(item.name, help=meta["help"], metavar=meta["metavar"], **extra)
        elif isinstance(default, bool):
            action = "store_false" if default else "store_true"
            parser.add_argument(*_flags(item), dest=item.name, help=meta["help"], action=action)
        else:
            extra = {"action": "append", "default": None} if meta["many"] else {"default": default}
            extra |= {"dest": item.name, "metavar": meta["metavar"], "choices": meta["choices"], "type": convert}
            parser.add_argument(*_flags(item), help=meta["help"], **extra)
            if meta["also"]:
                hidden = extra | {"help": argparse.SUPPRESS, "default": argparse.SUPPRESS}
                parser.add_argument(*meta["also"], **hidden)


def _plain_type(default: Any) -> Callable[[str], Any]:
    if isinstance(default, bool) or default is None or isinstance(default, tuple):
        return str
    return _parser_for(finite if isinstance(default, float) else integer) if isinstance(default, int | float) else str


def _not_empty(text: str) -> str:
    if not text:
        raise UserError("an empty word names nothing; leave it out, or say what is meant")
    return text


def finite(text: str) -> float:
    """The number in `text`. Raises UserError for anything else, infinity and NaN among it."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UserError(f"a number such as 0.5 is needed, not {text!r}")
    return number


def integer(text: str) -> int:
    """The whole number in `text`, negative ones among them. Raises UserError."""
    number = whole_number(text.strip().removeprefix("-"))
    if number is None:
        raise UserError(f"a whole number such as 7 is needed, not {text!r}")
    return -number if text.strip().startswith("-") else number


def whole(text: str) -> int:
    """A whole number from 0 up. Raises UserError."""
    number = whole_number(text)
    if number is None or number > 999999999:
        raise UserError(f"a whole number from 0 to 999999999 is needed, not {text!r}")
    return number


def parsed(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
    """What `parser` reads in `words`; values may stand on both sides of an option."""
    namespace, rest = parser.parse_known_args(words)
    return parser.parse_intermixed_args(words) if rest else namespace


def from_namespace(kind: type[S], parsed: argparse.Namespace) -> S:
    """The Scenario that parsed arguments describe."""
    values: dict[str, Any] = {}
    for item in fields(kind):
        value = getattr(parsed, item.name)
        if item.metadata.get("many"):
            value = tuple(value) if value else item.default
        elif value is None:
            value = item.default
        values[item.name] = value
    return kind(**values)


def to_args(scenario: Scenario) -> list[str]:
    """The shortest arguments that give `scenario` back: what differs from the defaults."""
    options: list[str] = []
    positional: list[str] = []
    for item in fields(scenario):
        value = getattr(scenario, item.name)
        if value == item.default and type(value) is type(item.default):
            continue
        meta = item.metadata
        if meta["kind"] == "argument":
            positional += [str(v) for v in value] if meta["many"] else [str(value)]
        elif isinstance(value, bool):
            options.append(_flags(item)[0])
        elif value is not None:
            for element in value if meta["many"] else (value,):
                options += _spelled(_flags(item)[0], str(element))
    # "--" keeps "-0.5" from being read as an option.
    guard = ["--"] if any(text.startswith("-") for text in positional) else []
    return options + guard + positional if guard else positional + options


def _spelled(flag: str, value: str) -> list[str]:
    return [f"{flag}={value}"] if value.startswith("-") else [flag, value]


def command_line(scenario: Scenario, *options: str) -> str:
    """The shell command that shows `scenario`, with further `options`."""
    words = to_args(scenario)
    at = words.index("--") if "--" in words else len(words)  # after it there are no options
    return shell_command(["qtui", scenario.command, *words[:at], *options, *words[at:]])


def shell_command(words: Sequence[str]) -> str:
    """`words` as one line for a shell: printable, whatever is in them (bash, zsh and ksh know `$'...'`)."""
    return " ".join(_shell_word(word) for word in words)


def _shell_word(word: str) -> str:
    if word.isprintable():
        return shlex.quote(word)
    plain = (chr(b) if 32 <= b < 127 and b not in b"\\'" else f"\\x{b:02x}" for b in os.fsencode(word))
    return f"$'{''.join(plain)}'"


def to_json(scenario: Scenario) -> dict[str, Any]:
    """A JSON object that `from_json` reads back."""
    values = {item.name: getattr(scenario, item.name) for item in fields(scenario)}
    return {"pane": scenario.command} | {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


def from_json(kind: type[S], data: dict[str, Any]) -> S:
    """The Scenario of class `kind` in `data`; missing keys take their defaults.

    Raises UserError for an unknown key or a value of the wrong type.
    """
    known = {item.name: item for item in fields(kind)}
    values: dict[str, Any] = {}
    for name, value in data.items():
        if name == "pane":
            continue
        if name not in known:
            raise UserError(f"{kind.command} has no setting called {name!r}")
        default = known[name].default
        value = tuple(value) if isinstance(default, tuple) and isinstance(value, list) else value
        if isinstance(default, float) and type(value) is int:
            value = float(value)
        if isinstance(value, float) and not math.isfinite(value):
            raise UserError(f"{kind.command} setting {name!r} should be a finite number, not {value}")
        if default is not None and type(value) is not type(default):
            actual = f"not a {type(value).__name__}" if isinstance(value, dict | list) else f"not {value!r}"
            raise UserError(f"{kind.command} setting {name!r} should be a {type(default).__name__}, {actual}")
        if isinstance(value, tuple) and not all(isinstance(item, str) for item in value):
            raise UserError(f"{kind.command} setting {name!r} should be a list of texts")
        values[name] = value
    return kind(**values)
