"""Starting the app: options of `qtui` itself, and the environment that Textual reads when it is imported."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtui import __version__
from qtui.cli.config import Config, load
from qtui.cli.terminal import Look, add_look, depth, palette, plain_characters, prepare_environment
from qtui.scenario.base import Scenario, UserError

if TYPE_CHECKING:
    from qtui.tui.app import QtuiApp


@dataclass(frozen=True)
class AppOptions:
    """What the command line asked of the app."""

    look: Look = Look()
    mouse: bool = True


def run_app(argv: list[str], scenario: Scenario | None = None) -> int:
    """`qtui [options]` without a subcommand; the app opens on `scenario`."""
    from qtui.cli.main import COMMANDS, Parser

    parser = Parser(
        prog="qtui",
        description="See why language models are large, what a float stores, and what quantization costs.",
        epilog="subcommands (each has --help):\n"
        + "\n".join(f"  qtui {name:<9} {what}" for name, what in COMMANDS.items())
        + "\n\nWithout a subcommand qtui opens the app.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"qtui {__version__}")
    add_look(parser.add_argument_group("how to show it"))
    add_app_options(parser.add_argument_group("the app"))
    return open_app(scenario, app_options(parser.parse_args(argv), load()))


def add_app_options(group: argparse._ArgumentGroup) -> None:
    """Declare the options behind AppOptions."""
    group.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")


def look(args: argparse.Namespace, config: Config) -> Look:
    """How to show things: the command line's word, else the configuration's."""
    return Look(
        color=args.color or config.color,
        theme=args.theme or config.theme,
        ascii=bool(args.ascii or config.ascii),
    )


def app_options(args: argparse.Namespace, config: Config) -> AppOptions:
    """What the command line asks of the app, else the configuration."""
    return AppOptions(look=look(args, config), mouse=config.mouse and not args.no_mouse)


def open_app(scenario: Scenario | None, options: AppOptions | None = None) -> int:
    """Open the app on `scenario` and return its exit status. Raises UserError where there is no fit terminal."""
    options = options or AppOptions()
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError("the app needs a terminal; for a pipe use a subcommand such as `qtui mem 8B`")
    if os.environ.get("TERM", "") in ("dumb", ""):
        raise UserError("this terminal (TERM=dumb) can't show the app; use a subcommand such as `qtui mem 8B`")
    colours = depth(options.look.color, os.environ)
    theme = palette(options.look.theme, colours, os.environ)
    prepare_environment(os.environ, colours)
    # Only now, since Textual reads the environment when it is imported.
    from qtui.tui.app import QtuiApp
    from qtui.tui.settings import Settings

    settings = Settings(theme=theme, ascii=plain_characters(options.look), mouse=options.mouse)
    app = QtuiApp(scenario, settings)
    status = _run_to_the_end(app, settings.mouse)
    if app.copied:
        print(app.copied)
    _leave_work_behind(status)
    return status


def _run_to_the_end(app: QtuiApp, mouse: bool) -> int:
    import asyncio

    # A loop of our own: `asyncio.run` would wait for worker threads, which may be deep in a big file.
    loop = asyncio.new_event_loop()
    app.exits.install()
    try:
        app.run(mouse=mouse, loop=loop)
    finally:
        app.exits.uninstall()
    return app.return_code if app.return_code is not None else 1


def _leave_work_behind(status: int) -> None:
    """End the process at once where a worker thread still computes: the interpreter would wait for it."""
    if any(thread is not threading.main_thread() and not thread.daemon for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
