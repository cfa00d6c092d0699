"""The dispatcher: finds the subcommand, parses its Scenario, solves it, prints it or opens the app."""

from __future__ import annotations

import argparse
import errno
import gc
import itertools
import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from qtui.cli.command import ALIASES, COMMANDS, EVERY, PROGRAMS, Command, Listing, Output, load, parser_for
from qtui.cli.config import Config
from qtui.cli.config import load as load_config
from qtui.cli.output import finite, tell, write, write_json
from qtui.cli.progress import reporting
from qtui.error import QtuiError, near_matches
from qtui.scenario.base import UserError, from_namespace, parsed
from qtui.scenario.progress import Progress

R = TypeVar("R")


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
        _write_no_more()  # the terminal may take nothing any more
        return 130
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 1
    except OSError as error:  # a full disk, as a rule; unreadable input has been reported already
        _write_no_more()
        tell(f"qtui: the output could not be written: {error.strerror}")
        return 1
    except Exception as error:
        from qtui.crash import report  # with traceback, for a defect only

        tell(report(error, shlex.join(["qtui", *argv])))
        return 1


def _write_no_more() -> None:
    """Keep what is left in stdout's buffer from being tried again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(argv: list[str]) -> int:
    if not argv or argv[0].startswith("-"):
        from qtui.cli.launch import command_first, run_app  # the app

        ordered = command_first(argv)
        return _run(ordered) if ordered != argv else _status_of("qtui", lambda: run_app(argv))
    if argv[0] in PROGRAMS:
        from qtui.cli.teach import run_teach

        return _status_of("qtui teach", lambda: run_teach(argv[1:]))
    name = ALIASES.get(argv[0], argv[0])
    if name not in COMMANDS:
        tell(f"qtui: there is no command {name!r}; {_meant(name, argv)}")
        return 2
    command = load(name)
    args = parsed(parser_for(command), argv[1:])
    return _status_of(f"qtui {name}", lambda: _show(command, args))


def _meant(name: str, argv: list[str]) -> str:
    """What an unknown command may be meant as: another one, a file, a model, or a comparison of models."""
    if os.path.exists(name):
        return f"`{shlex.join(('qtui', 'inspect', name))}` looks inside a file, `qtui mem` says whether it fits"
    if near := near_matches(name, EVERY, 1, cutoff=0.6):
        return f"did you mean `qtui {near[0]}`?"
    if name == "compare":
        return "`qtui mem Qwen3-8B,gemma-3-12b` compares models"
    words = list(itertools.takewhile(lambda word: not word.startswith("-"), argv))
    if any(map(str.isdigit, "".join(words))):  # as nearly every name of a model has
        return f"`{shlex.join(('qtui', 'mem', *words))}` says whether a model fits"
    return f"try one of {', '.join(EVERY)}"


def _status_of(program: str, work: Callable[[], int]) -> int:
    """The exit status of `work`; a mistake in its input is reported in one line."""
    try:
        return work()
    except (QtuiError, OSError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC and not error.filename:
            raise  # stdout is on a full disk
        tell(f"{program}: {_one_line(error)}")
        return 2


def _show(command: Command[Any, Any], args: argparse.Namespace) -> int:
    for listing in command.listings:
        if listing.asked(args):
            _list(listing, command, args)
            return 0
    if command.run is not None:
        status = command.run(args)
        if status is not None:
            return status
    scenario = from_namespace(command.scenario, args)
    if args.tui or (command.opens_app and not (args.json or args.plain) and sys.stdout.isatty()):
        from qtui.cli.launch import open_from  # the app

        return open_from(args, command.app_scenario(scenario) if command.app_scenario is not None else scenario)
    config = load_config()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)  # from here on there are files and lines to tidy up
    gc.freeze()  # garbage collection was off during the imports; what they made is never garbage
    gc.enable()
    with reporting(Progress(), sys.stderr) as progress:
        try:
            result = command.solve(config.preferred(scenario), progress)
        except QtuiError as error:
            raise config.traced(error, scenario) from None
    if command.before_printing is not None:
        command.before_printing(args, result)
    asked = [output for output in command.outputs if output.asked(args)]
    _print(command, result, asked, args, config)
    wanted = command.status(result) if command.status is not None else 0
    return max((output.status(result) for output in asked if output.status is not None), default=wanted)


def _list(listing: Listing, command: Command[Any, Any], args: argparse.Namespace) -> None:
    others = [output.flag for output in command.outputs if output.asked(args)] + ["--tui"] * args.tui
    if others:
        raise UserError(f"{others[0]} is not allowed with {listing.flag}, unlike --json and --plain")
    if args.json:
        write_json(listing.json_object())
    else:
        write(_prose("", listing.json_object()) if args.plain else listing.text())


def _print(
    command: Command[Any, R], result: R, asked: Sequence[Output], args: argparse.Namespace, config: Config
) -> None:
    if args.json:
        write_json(command.json_object(result))
    elif args.plain:
        first = command.sentence(result) if command.sentence is not None else ""
        spoken = command.spoken(result) if command.spoken is not None else finite(command.json_object(result))
        write(_prose(first, spoken))
    elif asked:
        write(asked[0].text(result))
    else:
        from qtui.cli.pictures import print_result  # Rich

        print_result(command.picture, result, args, config)


def _prose(first: str, value: Any) -> str:
    """The sentence `first` and what is in `value` for `--plain`."""
    from qtui.cli.plain import prose  # asked for by few

    return prose(first, value)


def _one_line(error: Exception) -> str:
    if isinstance(error, BrokenPipeError):
        raise error
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}"
    return " ".join(str(error).split())
