"""What a subcommand is, which there are, and the parser of each.

Each lives in a module beside this one, imported only when it is named, so that `qtui mem ... --json` pays for nothing
else.
"""

import argparse
import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from qtui.cli.options import Parser, add_app_options, add_look
from qtui.scenario.base import PANE_NAMES, Scenario, add_arguments
from qtui.scenario.progress import Progress

if TYPE_CHECKING:
    from qtui.draw.glyphs import Glyphs
    from qtui.draw.picture import Picture

S = TypeVar("S", bound=Scenario)
R = TypeVar("R")

# By the name that a person types, with one line on each.
COMMANDS = {
    "welcome": "what fits this machine, and what a large model takes",
    "mem": "memory a model needs, and whether this machine has it",
    "bits": "what a float really stores",
    "quantize": "what a format does to numbers",
    "errors": "what formats cost on a distribution or a model file",
    "inspect": "what is inside a model file",
    "plan": "choose a format for each tensor of a model file",
    "quality": "what a language model loses when it is quantized",
    "formats": "every storage format and its cost",
    "tour": "the whole story, step by step",
    "lesson": "write a lesson of your own",
}
# A program of its own, without a Scenario: its module has a function `parser`. A class needs terminals and forks.
PROGRAMS = {"teach": "hold a class: students come in by ssh and see what you show"} if os.name == "posix" else {}
EVERY = COMMANDS | PROGRAMS
ALIASES = {pane: command for command, pane in PANE_NAMES.items()}  # the pane's name is understood as well


class Output(NamedTuple):
    """Another way to print a Result than its picture, asked for by the option `flag`.

    Only one may be asked for, unless it is not `exclusive`: then it gives way to the others. `status` is the exit
    status that it asks for.
    """

    flag: str
    help: str
    text: Callable[[Any], str]
    status: Callable[[Any], int] | None = None
    exclusive: bool = True

    def asked(self, args: argparse.Namespace) -> bool:
        """Whether the option was given."""
        return bool(getattr(args, self.flag.lstrip("-")))


class Listing(NamedTuple):
    """An answer that needs no Scenario, asked for by the option `flag`: as text and as JSON."""

    flag: str
    help: str
    text: Callable[[], str]
    json_object: Callable[[], dict[str, Any]]

    def asked(self, args: argparse.Namespace) -> bool:
        """Whether the option was given."""
        return bool(getattr(args, self.flag.lstrip("-")))


@dataclass(frozen=True, eq=False, repr=False)  # of functions
class Command(Generic[S, R]):
    """A subcommand: how its Scenario is solved, and how the Result is shown.

    `extra_arguments` declares options that are no part of the Scenario, `before_printing` does what they ask for.
    `app_scenario` gives the state of the pane that stands for a command without a pane of its own. `status` is the
    exit status that a Result asks for. `run` does what options besides the Scenario ask for and returns the exit
    status, None where nothing was asked; `opens_app`: without an option, the app opens instead of a print.
    `sentence` says what the picture shows, and begins what `--plain` prints; what is `spoken` follows, else all of
    the JSON.
    """

    scenario: type[S]
    epilog: str
    solve: Callable[[S, Progress], R]
    json_object: Callable[[R], dict[str, Any]]
    picture: Callable[[R, int, "Glyphs"], "Picture"]
    outputs: tuple[Output, ...] = ()
    listings: tuple[Listing, ...] = ()
    extra_arguments: Callable[[argparse.ArgumentParser], None] | None = None
    before_printing: Callable[[argparse.Namespace, R], None] | None = None
    app_scenario: Callable[[S], Scenario] | None = None
    status: Callable[[R], int] | None = None
    run: Callable[[argparse.Namespace], int | None] | None = None
    opens_app: bool = False
    sentence: Callable[[R], str] | None = None
    spoken: Callable[[R], list[str]] | None = None

    @property
    def name(self) -> str:
        """What a person types."""
        return self.scenario.command

    @property
    def summary(self) -> str:
        """One line on it."""
        return COMMANDS[self.name]


def load(name: str) -> Command[Any, Any]:
    """The subcommand of that name, one of `COMMANDS`."""
    command: Command[Any, Any] = importlib.import_module(f"qtui.cli.{PANE_NAMES.get(name, name)}").COMMAND
    return command


def parser_of(name: str) -> Parser:
    """The parser of the subcommand of that name, one of `EVERY`."""
    if name in PROGRAMS:
        parser: Parser = importlib.import_module(f"qtui.cli.{name}").parser()
        return parser
    return parser_for(load(name))


def parser_for(command: Command[Any, Any]) -> Parser:
    """The parser of a subcommand: its Scenario's values and how to show the Result."""
    parser = Parser(
        prog=f"qtui {command.name}",
        description=f"{command.summary[0].upper()}{command.summary[1:]}.",
        epilog=command.epilog,
    )
    add_arguments(parser, command.scenario)
    if command.extra_arguments is not None:
        command.extra_arguments(parser)
    show = parser.add_argument_group("how to show it")
    one_of = show.add_mutually_exclusive_group()
    one_of.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    one_of.add_argument("--plain", action="store_true", help="print short lines of prose, one fact a line")
    one_of.add_argument("--tui", action="store_true", help="open the app at exactly this state")
    for output in command.outputs:
        (one_of if output.exclusive else show).add_argument(output.flag, action="store_true", help=output.help)
    for listing in command.listings:
        show.add_argument(listing.flag, action="store_true", help=listing.help)
    add_look(show)
    add_app_options(parser.add_argument_group("the app, with --tui"))
    return parser
