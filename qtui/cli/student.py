"""A student's app in a class over SSH, in a process forked from a warm parent; and how that parent gets warm.

This is a program of its own (`qtui.teach.starter` starts it), so all that students need is imported here, at once.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import pwd
import resource
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from qtui.cli.command import load
from qtui.cli.launch import run_to_the_end
from qtui.cli.terminal import depth, palette, prepare_environment
from qtui.draw.bits import words as bits
from qtui.draw.quantizer import views as quantizer
from qtui.kiosk import close_doors
from qtui.scenario.base import Scenario
from qtui.scenario.bits.scenario import VIEWS as BITS_VIEWS
from qtui.scenario.progress import Progress
from qtui.scenario.quantizer.scenario import VIEWS as QUANTIZER_VIEWS
from qtui.scenario.tour.load import load_lesson
from qtui.scenario.tour.scenario import TourScenario
from qtui.scenario.tour.solve import solve
from qtui.teach.warm import LINE, Order, is_plain, serve
from qtui.tui.app import QtuiApp
from qtui.tui.follow.drawer import DrawingFollower
from qtui.tui.follow.follower import Follower
from qtui.tui.follow.link import Link
from qtui.tui.follow.onlooker import Onlooker
from qtui.tui.host import Settings
from qtui.tui.panes.registry import FURTHER, PANES, pane_class

MEMORY = 1 << 29  # bytes that a student's process may make its own
SECONDS = 1800  # of processor time that it may take
PROCESSES = 2048  # of the account, threads included: a class has six for each student


def main() -> None:
    """The warm parent: have everything ready, give up the account's powers, and wait for orders."""
    arguments = json.loads(sys.argv[1])
    _give_up_powers(arguments.get("user", ""))
    for name in (*PANES, *FURTHER):
        pane_class(name)
    for drawn, names in ((bits, BITS_VIEWS), (quantizer, QUANTIZER_VIEWS)):
        for name in names:
            drawn.view_of(name)  # imports its module
    for name in ("mem", "bits", "quantize"):
        command = load(name)
        command.solve(command.scenario(), Progress())  # what it reads is read once
    term = os.environ["TERM"]
    ready = make_app(arguments, "")
    known: dict[Scenario, Any] = {}
    gc.collect()

    def begin(order: Order) -> int:
        app = ready
        if order.term != term or is_plain(order.locale):
            app = _for_another_terminal(order, arguments)
        app.runner.known = known
        return _run(app, order, arguments)

    serve(socket.socket(fileno=LINE), begin, _solve_the_tour(known))


def _solve_the_tour(known: dict[Scenario, Any]) -> Iterator[Scenario]:
    """Put the Results of the tour's steps into `known`, one at a time, so that no student's process computes them."""
    for number in range(1, len(load_lesson("").steps) + 1):
        scenario = TourScenario(step=number)
        known[scenario] = solve(scenario, Progress())
        yield scenario


def _give_up_powers(user: str) -> None:
    """Become `user`, if this is root."""
    if user and os.geteuid() == 0:
        account = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)


def make_app(arguments: Mapping[str, Any], locale: str) -> QtuiApp:
    """An app for the terminal that the environment tells of, not yet running."""
    settings = Settings(
        theme=palette("auto", depth("auto", os.environ), os.environ),
        ascii=is_plain(locale),
        kiosk=True,
        idle=60.0 * arguments.get("idle", 60),
    )
    return QtuiApp(None, settings)


def _for_another_terminal(order: Order, arguments: Mapping[str, Any]) -> QtuiApp:
    """An app for a terminal that is not the usual one."""
    os.environ["TERM"] = order.term
    prepare_environment(os.environ, depth("auto", os.environ))
    # Textual reads its settings from the environment when this module is imported.
    importlib.reload(importlib.import_module("textual.constants"))
    return make_app(arguments, order.locale)


def _run(app: QtuiApp, order: Order, arguments: Mapping[str, Any]) -> int:
    limits = ((resource.RLIMIT_DATA, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_NPROC, PROCESSES))
    for what, most in limits:
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
    link = Link(socket.socket(fileno=LINE))  # before no socket can be made any more
    layers = close_doors(arguments.get("folders", ()))
    idle = 0 if order.draws else app.settings.idle
    app.settings = replace(app.settings, notice=f"kiosk: {', '.join(layers)}", idle=idle)
    if order.draws or app.limits:
        app.classroom = DrawingFollower(app, link) if order.draws else Follower(app, link, order.name)
        return run_to_the_end(app, True)
    loop = asyncio.new_event_loop()
    result = loop.run_until_complete(Onlooker(app, link, order.name).look_on())
    if isinstance(result, int):
        return result
    follower = Follower(app, link)
    follower.go_on(result)
    app.classroom, app.inlet = follower, result.inlet
    return run_to_the_end(app, True, loop)
