"""The configuration file: what a person prefers every time. Options on the command line win over it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from qtui import paths
from qtui.cli.options import DEPTHS, THEMES
from qtui.cli.output import tell
from qtui.error import QtuiError, near_matches
from qtui.scenario.base import Scenario, UserError

PANES = ("mem", "bits", "quantize", "errors", "quality")


class Config(NamedTuple):
    """The keys of `config.toml`, with what holds where a key is absent."""

    theme: str = "auto"
    color: str = "auto"
    ascii: bool = False
    mouse: bool = True
    restore: bool = True  # come back where qtui was left
    pane: str = ""  # the pane to open on, instead of the one that was left
    machine: str = ""  # the machine that memory is compared with
    keys: Mapping[str, str] = {}  # keys of actions by id, as `qtui --keys` lists them; the app says which are wrong

    def preferred(self, scenario: Scenario) -> Scenario:
        """`scenario` with what it leaves open as the person prefers it."""
        if self.machine and getattr(scenario, "machine", None) == "":
            return replace(scenario, machine=self.machine)
        return scenario

    def traced(self, error: QtuiError, scenario: Scenario) -> QtuiError:
        """`error` with the file that it comes from, where it is of the machine that `scenario` leaves open."""
        if self.preferred(scenario) is scenario or self.machine.casefold() not in str(error).casefold():
            return error
        return UserError(f"{paths.config_file()}: machine: {error}")


ALLOWED = {"theme": THEMES, "color": DEPTHS, "pane": PANES}


class Unreadable(UserError):
    """The file can't be read as a configuration at all."""


def load() -> Config:
    """The person's configuration; the defaults where there is no file.

    What can't be read as a configuration at all is reported and ignored. Raises UserError for a mistake in one.
    """
    try:
        return read(paths.config_file())
    except Unreadable as error:
        tell(f"qtui: {error}; going on without it")
        return Config()


def read(path: str) -> Config:
    """The configuration in the file at `path`. Raises Unreadable, or UserError for a mistake in it."""
    try:
        text = paths.read_small(path)
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path} can't be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from None
    return parse(text, path)


def parse(text: str, path: str) -> Config:
    """The configuration in `text`. Raises UserError that names `path`, the mistake and what would be right."""
    try:
        data = paths.parse_toml(text)
    except ValueError as error:
        raise UserError(f"{path} is not TOML: {error}") from None
    except RecursionError:
        raise Unreadable(f"{path} is nested too deep for a configuration") from None
    known = Config._field_defaults
    for key, value in data.items():
        if key not in known:
            raise UserError(f"{path}: there is no setting {key!r}; {_nearest(key, list(known))}")
        if type(value) is not type(known[key]):
            wanted = {bool: "true or false", str: "a text in quotes", dict: "a table"}[type(known[key])]
            raise UserError(f"{path}: {key} should be {wanted}, not {_short(value)}")
        if key in ALLOWED and value not in ALLOWED[key]:
            raise UserError(f"{path}: {key} can't be {_short(value)}; it is one of {', '.join(ALLOWED[key])}")
    for name, value in data.get("keys", {}).items():
        if not isinstance(value, str):
            raise UserError(f"{path}: the keys of {name} should be a text in quotes, not {_short(value)}")
    return Config(**data)


def _short(value: Any) -> str:
    """What was written, as far as it says what is wrong."""
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _nearest(key: str, known: list[str]) -> str:
    near = near_matches(key, known, 1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
