"""How an app joins a class at a socket."""

from __future__ import annotations

import getpass
import os

from qtui.paths import read_small
from qtui.scenario.base import UserError
from qtui.teach.plan import ClassPlan, key_file
from qtui.teach.protocol import clean_name
from qtui.teach.service import answers
from qtui.teach.start import start_server
from qtui.tui.app import QtuiApp
from qtui.tui.follow.follower import Follower
from qtui.tui.follow.leader import Leader
from qtui.tui.follow.link import Link


def enter(app: QtuiApp, lead: str, follow: str) -> None:
    """Have `app` lead the class at the socket `lead`, or follow the one at `follow`. Raises QtuiError.

    Where no class is led, one begins: for students who come to its socket, by OpenSSH's forced command.
    """
    if lead:
        if not answers(lead):
            start_server(ClassPlan(lead))
        key_of(lead)
        app.classroom = Leader(app, Link(path=lead), lambda: key_of(lead))
    else:
        app.classroom = Follower(app, Link(path=follow), suggested_name())


def key_of(path: str) -> str:
    """The key of the class at the socket `path`, "" while it has none. Raises UserError where it is another's."""
    try:
        return read_small(key_file(path)).strip()
    except FileNotFoundError:
        if os.path.exists(path):
            return ""
        raise UserError(f"no class is held at {path}: start one with qtui teach") from None
    except OSError as error:
        raise UserError(f"the class at {path} is led by its owner alone ({error.strerror})") from None


def suggested_name() -> str:
    """A name for the student: that of the account."""
    try:
        return clean_name(getpass.getuser())
    except (OSError, KeyError):
        return ""
