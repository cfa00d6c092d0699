"""The dispatcher: finds the subcommand, parses its Scenario, solves it, prints it or opens the app.

Each subcommand is a module beside this one (see `Command`), imported only when it is named, so that
`qtui mem ... --json` pays for nothing else.
"""

from __future__ import annotations

import argparse
import errno
import gc
import importlib
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from qtui import paths
from qtui.cli.options import Parser, add_app_options, add_look
from qtui.cli.output import tell, write_json
from qtui.scenario.base import Scenario, UserError, add_arguments, from_namespace

if TYPE_CHECKING:
    from qtui.draw.glyphs import Glyphs
    from qtui.draw.picture import Picture
    from qtui.scenario.progress import Progress

COMMANDS = {
    "mem": "memory a model needs, and whether this machine has it",
    "bits": "what a float really stores",
    "quantize": "what a format does to numbers",
    "errors": "what formats cost on a distribution or a model file",
    "inspect": "what is inside a model file",
    "plan": "choose a format for each tensor of a model file",
    "formats": "every storage format and its cost",
}

ROOMS = {"mem": "memory", "quantize": "quantizer"}  # commands whose module has the name of their pane


class Command(Protocol):
    """What a subcommand module offers. `extra_arguments`, `extra_output` and `app_scenario` are optional.

    `app_scenario` gives the state of a pane that stands for a command without a pane of its own.
    """

    SCENARIO: type[Scenario]
    EPILOG: str

    def solve(self, scenario: Any, progress: Progress) -> Any: ...
    def json_object(self, result: Any) -> dict[str, Any]: ...
    def picture(self, result: Any, width: int, glyphs: Glyphs) -> Picture: ...
    def extra_arguments(self, parser: argparse.ArgumentParser) -> None: ...
    def extra_output(self, args: argparse.Namespace, scenario: Any, result: Any) -> int | None: ...
    def app_scenario(self, scenario: Any) -> Scenario: ...


def available() -> tuple[str, ...]:
    """The subcommands, in the order of the help."""
    return tuple(COMMANDS)


def load(command: str) -> Any:
    """The module of a subcommand (a `Command`)."""
    return importlib.import_module(f"qtui.cli.{ROOMS.get(command, command)}")


def parser_for(command: str) -> Parser:
    """The parser of one subcommand: its Scenario's values and how to show the result."""
    module = load(command)
    parser = Parser(
        prog=f"qtui {command}",
        description=COMMANDS[command][0].upper() + COMMANDS[command][1:] + ".",
        epilog=getattr(module, "EPILOG", None),
    )
    add_arguments(parser, module.SCENARIO)
    if hasattr(module, "extra_arguments"):
        module.extra_arguments(parser)
    show = parser.add_argument_group("how to show it")
    show.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    show.add_argument("--tui", action="store_true", help="open the app at exactly this state")
    add_look(show)
    add_app_options(parser.add_argument_group("the app, with --tui"))
    return parser


def run(argv: list[str]) -> int:
    """Run `qtui` with the arguments `argv` and return its exit status."""
    if sys.stdout is None:  # closed, as by `qtui mem >&-`
        return 1
    try:
        status = _run(argv)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        _write_no_more()
        return 141  # what a shell says of a program that SIGPIPE has ended
    except KeyboardInterrupt:
        return 130
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 1
    except OSError as error:  # a full disk, as a rule; input that can't be read has been told of already
        _write_no_more()
        tell(f"qtui: the output could not be written: {error.strerror}")
        return 1


def _write_no_more() -> None:
    """Keep what is left in stdout's buffer from being tried again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(argv: list[str]) -> int:
    if not argv or argv[0].startswith("-"):
        from qtui.cli.launch import run_app

        return _told("qtui", lambda: run_app(argv))
    command = argv[0]
    if command not in COMMANDS:
        import difflib

        near = difflib.get_close_matches(command, COMMANDS, n=1)
        hint = f"did you mean `qtui {near[0]}`?" if near else f"try one of {', '.join(COMMANDS)}"
        tell(f"qtui: there is no command {command!r}; {hint}")
        return 2
    args = parser_for(command).parse_args(argv[1:])
    return _told(f"qtui {command}", lambda: _show(command, args))


def _told(who: str, work: Callable[[], int]) -> int:
    """The exit status of `work`; what is wrong with its input is told in one line."""
    try:
        return work()
    except (UserError, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC and not error.filename:
            raise  # stdout is on a full disk
        tell(f"{who}: {_one_line(error)}")
        return 2


def _show(command: str, args: argparse.Namespace) -> int:
    module = load(command)
    scenario = from_namespace(module.SCENARIO, args)
    if args.tui:
        from qtui.cli.launch import open_from

        return open_from(args, module.app_scenario(scenario) if hasattr(module, "app_scenario") else scenario)
    if os.path.exists(paths.config_file()):
        from qtui.cli.config import load as load_config

        scenario = load_config().preferred(scenario)
    from qtui.scenario.progress import Progress

    gc.freeze()  # collecting garbage was put off until all is imported, none of which ever is garbage
    gc.enable()
    result = module.solve(scenario, Progress())
    if hasattr(module, "extra_output"):
        status = module.extra_output(args, scenario, result)
        if status is not None:
            return int(status)
    if args.json:
        write_json(module.json_object(result))
        return 0
    from qtui.cli.config import load as load_config
    from qtui.cli.config import look
    from qtui.cli.printing import print_picture

    print_picture(module.picture, result, look(args, load_config()))
    return 0


def _one_line(error: Exception) -> str:
    if isinstance(error, BrokenPipeError):
        raise error
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}"
    return " ".join(str(error).split())
