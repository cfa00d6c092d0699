"""A student's app in a class over SSH, in a process forked from a warm parent; and how that parent gets warm."""

from __future__ import annotations

import gc
import importlib
import json
import os
import pwd
import resource
import socket
import sys
from dataclasses import replace
from typing import Any

from qtui.teach.warm import LINE, Order, serve

TERM = "xterm-256color"  # what nearly every terminal says it is
MEMORY = 1 << 29  # bytes that a student's process may make its own
SECONDS = 1800  # of processor time that it may take
PROCESSES = 2048  # of the account, threads included: a class has six for each student


def main() -> None:
    """The warm parent: import everything, make an app ready, give up the account's powers, and wait for orders."""
    gc.disable()  # while modules are imported there is no garbage
    arguments = json.loads(sys.argv[1])
    os.environ.update(
        {
            "TERM": TERM,
            "OPENBLAS_NUM_THREADS": "1",
            "TEXTUAL_DISABLE_KITTY_KEY": "1",
            "SSH_CONNECTION": "class",
        }
    )
    from qtui.cli.terminal import prepare_environment

    prepare_environment(os.environ, "256")
    _give_up_powers(arguments.get("user", ""))
    import_all()
    ready = make_app(arguments, TERM, "")
    gc.collect()

    def begin(order: Order) -> int:
        return _run(order, arguments, ready)

    serve(socket.socket(fileno=LINE), begin)


def import_all() -> None:
    """What students need, so that all share it in memory."""
    from qtui.cli.command import COMMANDS, load
    from qtui.scenario.progress import Progress
    from qtui.tui.panes.registry import FURTHER, PANES, pane_class

    for name in (*PANES, *FURTHER):
        pane_class(name)
    for name in ("mem", "bits", "quantize"):
        command = load(name)
        command.solve(command.scenario(), Progress())
    assert COMMANDS
    importlib.import_module("qtui.cli.launch")
    importlib.import_module("qtui.tui.follow.follower")


def _give_up_powers(user: str) -> None:
    """Be `user` from now on, if this is root."""
    if user and os.geteuid() == 0:
        account = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)


def make_app(arguments: dict[str, Any], term: str, locale: str) -> Any:
    """An app for a terminal called `term`, not yet running."""
    from qtui.cli.terminal import depth, palette
    from qtui.tui.app import QtuiApp
    from qtui.tui.host import Settings

    colours = depth("auto", os.environ)
    settings = Settings(
        theme=palette(arguments.get("theme", "auto"), colours, os.environ),
        ascii=is_plain(locale),
        kiosk=True,
        idle=60.0 * arguments.get("idle", 60),
    )
    return QtuiApp(None, settings)


def is_plain(locale: str) -> bool:
    """Whether a terminal in this locale shows ASCII alone. Without one (Windows sends none) it is taken for UTF-8."""
    return locale in ("C", "POSIX") or ("." in locale and "utf" not in locale.lower())


def _run(order: Order, arguments: dict[str, Any], ready: Any) -> int:
    app = ready
    if order.term != TERM or is_plain(order.locale):
        app = _another(order, arguments)
    limits = ((resource.RLIMIT_DATA, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_NPROC, PROCESSES))
    for what, most in limits:
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
    from qtui.cli.launch import run_to_the_end
    from qtui.kiosk import close_doors
    from qtui.tui.follow.follower import Follower
    from qtui.tui.follow.link import Link

    link = Link(socket.socket(fileno=LINE))
    layers = close_doors(arguments.get("folders", ()))
    app.settings = replace(app.settings, notice=f"kiosk: {', '.join(layers)}")
    app.classroom = Follower(app, link, order.name)
    return run_to_the_end(app, True)


def _another(order: Order, arguments: dict[str, Any]) -> Any:
    """An app for another terminal than most have."""
    from qtui.cli.terminal import depth, prepare_environment

    os.environ["TERM"] = order.term
    prepare_environment(os.environ, depth("auto", os.environ))
    # Textual reads its settings from the environment when this module is imported.
    importlib.reload(importlib.import_module("textual.constants"))
    return make_app(arguments, order.term, order.locale)
