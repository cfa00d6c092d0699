"""Starting the app: options of `qtui` itself, and the environment that Textual reads when it is imported."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from typing import TYPE_CHECKING

from qtui import __version__
from qtui.scenario.base import Scenario

if TYPE_CHECKING:
    from qtui.tui.app import QtuiApp


def run_app(argv: list[str]) -> int:
    """`qtui [options]` without a subcommand."""
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
    parser.add_argument("--ascii", action="store_true", help="draw with ASCII only")
    args = parser.parse_args(argv)
    return open_app(None, ascii_only=args.ascii)


def prepare_environment(environment: os._Environ[str]) -> None:
    """Set what Textual reads at import: no animation, and plain colours where NO_COLOR asks for them."""
    environment.setdefault("TEXTUAL_ANIMATIONS", "none")
    # Exported sizes would keep the app from ever seeing a resize.
    for name in ("COLUMNS", "LINES"):
        environment.pop(name, None)
    if "NO_COLOR" in environment:
        environment["TEXTUAL_THEME"] = "ansi-dark"
    # After a dropped connection the kitty key protocol would leave the person's shell unusable.
    if "SSH_CONNECTION" in environment:
        environment.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")


def open_app(scenario: Scenario | None, *, ascii_only: bool = False) -> int:
    """Open the app on `scenario` and return its exit status."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print("qtui: the app needs a terminal; for a pipe use a subcommand such as `qtui mem 8B`", file=sys.stderr)
        return 2
    if os.environ.get("TERM", "") in ("dumb", ""):
        print(
            "qtui: this terminal (TERM=dumb) can't show the app; use a subcommand such as `qtui mem 8B`",
            file=sys.stderr,
        )
        return 2
    no_color = "NO_COLOR" in os.environ
    prepare_environment(os.environ)
    from qtui.cli.printing import glyphs_for
    from qtui.tui.app import QtuiApp
    from qtui.tui.settings import Settings

    settings = Settings(theme="none" if no_color else "dark", ascii=glyphs_for(ascii_only).name == "ascii")
    app = QtuiApp(scenario, settings)
    status = _run_to_the_end(app, settings.mouse)
    if app.copied:
        print(app.copied)
    _leave_work_behind(status)
    return status


def _run_to_the_end(app: QtuiApp, mouse: bool) -> int:
    # A loop of our own: `asyncio.run` would wait for worker threads, which may be deep in a big file.
    import asyncio

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
