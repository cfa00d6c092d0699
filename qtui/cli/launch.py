"""Starting the app: options of `qtui` itself, and the environment that Textual reads when it is imported."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from qtui import __version__
from qtui.cli.command import EVERY
from qtui.cli.config import load
from qtui.cli.options import THEMES, Parser, add_app_options, add_look
from qtui.cli.output import tell, write, write_json
from qtui.cli.terminal import depth, in_browser, look_of, palette, plain_characters, prepare_environment
from qtui.draw.roles import PALETTES
from qtui.scenario.base import Scenario, UserError

if TYPE_CHECKING:
    import asyncio

    from qtui.tui.app import QtuiApp


def app_parser() -> Parser:
    """The parser of `qtui [options]` without a subcommand."""
    parser = Parser(
        prog="qtui",
        description="See why language models are large, what a float stores, and what quantization costs.",
        epilog="subcommands (each has --help):\n"
        + "\n".join(f"  qtui {name:<9} {what}" for name, what in EVERY.items())
        + "\n\nWithout a subcommand qtui opens the app.",
    )
    parser.add_argument("--version", action="version", version=f"qtui {__version__}")
    parser.add_argument("--man", action="store_true", help="print the manual page, to be read by man")
    parser.add_argument("--completion", choices=("bash", "zsh", "fish"), help="print a completion script for a shell")
    parser.add_argument("--keys", action="store_true", help="list every action with its keys")
    parser.add_argument("--json", action="store_true", help="with --keys: as JSON")
    add_look(parser.add_argument_group("how to show it"))
    add_app_options(parser.add_argument_group("the app"))
    return parser


def command_first(argv: list[str]) -> list[str]:
    """`--theme light mem Qwen3-8B` as `mem --theme light Qwen3-8B`; without a command `argv` as it is."""
    actions = app_parser()._option_string_actions
    for at, word in enumerate(argv):
        before = actions.get(argv[at - 1]) if at else None
        if not word.startswith("-") and (before is None or before.nargs == 0):
            return [word, *argv[:at], *argv[at + 1 :]]
    return argv


def run_app(argv: list[str], scenario: Scenario | None = None) -> int:
    """`qtui [options]` without a subcommand; the app opens on `scenario`."""
    parser = app_parser()
    args = parser.parse_args(argv)
    if args.man:
        from qtui.cli.manual import manual  # reads the glossary

        write(manual(parser))
        return 0
    if args.completion:
        from qtui.cli.completion import script  # reads the catalogue

        write(script(args.completion, parser))
        return 0
    if args.keys:
        return list_keys(load().keys, as_json=args.json)
    return open_from(args, scenario)


def list_keys(changed: Mapping[str, str], as_json: bool) -> int:
    """Print every action with its keys, those that the person has changed among them."""
    from qtui.tui.keylist import checked, key_rows
    from qtui.tui.keymap import Keymap, key_text

    keys, wrong = checked(changed)
    for sentence in wrong:
        tell(f"qtui: {sentence}")
    rows = key_rows(Keymap(keys))
    if as_json:
        write_json([row._asdict() for row in rows])
        return 0
    texts = [" ".join(map(key_text, row.keys)) for row in rows]
    ids, wide = max(len(row.id) for row in rows), max(map(len, texts))
    for row, text in zip(rows, texts, strict=True):
        where = f"  ({', '.join(row.panes)})" if row.panes else ""
        write(f"{row.id:<{ids}}  {text:<{wide}}  {row.title}{where}")
    return 0


def open_from(args: argparse.Namespace, scenario: Scenario | None) -> int:
    """Open the app as the command line asks, and where it doesn't, as the configuration does; its exit status.

    Raises UserError for options that can't be followed, and where there is no fit terminal.
    """
    config = load()
    _check(args)
    look = look_of(args, config)
    _require_terminal()
    colours = depth(look.color, os.environ)
    theme = palette(look.theme, colours, os.environ)
    prepare_environment(os.environ, colours)
    folders = tuple(args.kiosk_dir)
    draft, lead, follow = (
        os.path.abspath(path) if path else "" for path in (args.lesson_draft, args.lead, args.follow)
    )
    notice = ""
    if args.kiosk:
        from qtui.kiosk import close_doors

        notice = f"kiosk: {', '.join(close_doors(folders, (follow,) if follow else ()))}"
    # Only now, since Textual reads the environment when it is imported.
    from qtui.tui.app import QtuiApp
    from qtui.tui.foreign import foreign_names
    from qtui.tui.host import Settings
    from qtui.tui.keylist import checked
    from qtui.tui.session import Session, load_session

    keys, wrong = checked(config.keys) if config.keys else ({}, [])
    if len(wrong) > 1:  # the row of messages holds one
        wrong[1:] = [f"{len(wrong) - 1} more are wrong: qtui --keys names them"]
    if theme in THEMES and theme not in (*PALETTES, *foreign_names()):
        raise UserError(f"this version of Textual has no theme {theme!r}")
    settings = Settings(
        theme=theme,
        ascii=plain_characters(look),
        mouse=config.mouse and not args.no_mouse,
        kiosk=args.kiosk,
        folders=folders,
        idle=60 * args.kiosk_idle if args.kiosk else 0,
        welcome=True,
        pane=config.pane,
        machine=config.machine,
        notice="; ".join(filter(None, (notice, *wrong))),
        draft=draft,
        keys=keys,
    )
    restore = config.restore and not args.kiosk
    scenario = config.preferred(scenario) if scenario is not None else None
    app = QtuiApp(scenario, settings, (Session() if args.fresh else load_session()) if restore else None)
    if lead or follow:
        from qtui.tui.follow.enter import enter

        enter(app, lead, follow)
    status = run_to_the_end(app, settings.mouse)
    if app.limits:
        tell(f"qtui: this version of Textual is not quite known: {'; '.join(app.limits)}")
    if app.copied and not args.kiosk:
        write(app.copied)
    return status


def _check(args: argparse.Namespace) -> None:
    """Raise UserError for options that can't be followed, or not together."""
    missing = [folder for folder in args.kiosk_dir if not os.path.isdir(folder)]
    if missing or (args.kiosk_dir and not args.kiosk):
        raise UserError(f"--kiosk-dir: no folder {missing[0]}" if missing else "--kiosk-dir is for use with --kiosk")
    if (args.lead or args.follow) and os.name != "posix":
        raise UserError("--lead and --follow need a system with Unix sockets")
    if args.lead and (args.follow or args.kiosk):
        raise UserError("--lead is for the teacher; it goes with neither --follow nor --kiosk")
    if args.lesson_draft and args.kiosk:
        raise UserError("--lesson-draft writes a file, which a kiosk does not")


def _require_terminal() -> None:
    """Raise UserError where nothing can show the app; a browser can without a terminal."""
    if in_browser(os.environ):
        return
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        raise UserError("the app needs a terminal; for a pipe use a subcommand such as `qtui mem 8B`")
    if sys.stderr is None or not sys.stderr.isatty():
        raise UserError("the app draws on stderr, which is no terminal here; leave out what is behind 2>")
    term = os.environ.get("TERM", "")
    if os.name == "posix" and term in ("dumb", ""):
        named = f"TERM={term}" if term else "TERM is not set"
        raise UserError(f"this terminal ({named}) can't show the app; use a subcommand such as `qtui mem 8B`")


def run_to_the_end(app: QtuiApp, mouse: bool, loop: asyncio.AbstractEventLoop | None = None) -> int:
    """Run the app, in a loop that may have been run before; its exit status."""
    import asyncio

    # A loop of our own: `asyncio.run` would wait for worker threads, which may be deep in a big file.
    loop = loop or asyncio.new_event_loop()
    app.leaving.exits.install()
    try:
        app.run(mouse=mouse, loop=loop)
    finally:
        app.leaving.exits.uninstall()
    if app.leaving.status is not None:
        return app.leaving.status
    return app.return_code if app.return_code is not None else 1
