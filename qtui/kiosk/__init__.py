"""The kiosk: qtui for strangers, as the only program of an SSH account.

Two walls stand behind the app, which itself offers no way out. `guard` is an audit hook: Python asks it before it
opens, starts, connects or changes anything, and it refuses what the panes never do. `kernel` asks the operating
system to refuse the same to this process and its workers, whatever code they run: Landlock, resource limits, no new
privileges. Not every kernel has all of that, so `close_doors` says what holds.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from qtui.kiosk import kernel
from qtui.kiosk.guard import Guard

VARIABLE = "QTUI_KIOSK"  # tells the worker processes, which are programs of their own


def close_doors(folders: Iterable[str], sockets: Iterable[str] = ()) -> tuple[str, ...]:
    """Be a kiosk from now on, where files in `folders` may be opened; the names of the layers that hold.

    Of sockets, those at the paths `sockets` may be connected to: a class is followed there.

    To be called before other threads are started, whom the kernel's rules would not bind.
    """
    folders = tuple(map(os.path.abspath, folders))
    os.environ[VARIABLE] = os.pathsep.join(folders)
    sys.dont_write_bytecode = True
    guard = Guard(folders, sockets)
    layers = kernel.confine(folders)
    sys.addaudithook(guard)
    return ("audit hook", *layers)


def close_doors_of_worker() -> None:
    """Be part of a kiosk, if the process that started this one is. What the kernel refuses it has inherited."""
    if VARIABLE in os.environ:
        kernel.hide()
        sys.addaudithook(Guard(filter(None, os.environ[VARIABLE].split(os.pathsep))))
