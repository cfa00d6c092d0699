"""Holding a class in a process of its own, which goes on when the teacher's line drops."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from typing import Any, NoReturn

from qtui.draw.safe import safe
from qtui.error import QtuiError
from qtui.teach.host import hold
from qtui.teach.plan import ClassPlan, Held

EMPTY = 1800.0  # seconds: nobody has come for so long, and nobody remembers it


def start_server(plan: ClassPlan) -> Held:
    """Hold the class in a process of its own, which a dropped line does not end. Raises QtuiError."""
    server = subprocess.Popen(
        [sys.executable, "-c", "from qtui.teach.start import serve; serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    assert server.stdin is not None and server.stdout is not None and server.stderr is not None
    server.stdin.write(json.dumps(asdict(replace(plan, empty=EMPTY))))
    server.stdin.close()
    reply = server.stdout.readline()
    if not reply:
        reason = server.stderr.read().strip().splitlines()
        raise QtuiError(reason[-1] if reason else "the class could not be held")
    return Held(**json.loads(reply))


def serve() -> NoReturn:
    """The process of `start_server`: reads the plan, tells how it is held, holds it."""
    data: dict[str, Any] = json.load(sys.stdin)
    data["addresses"] = tuple(data["addresses"])

    def held(what: Held) -> None:
        sys.stdout.write(json.dumps(asdict(what)) + "\n")
        sys.stdout.flush()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for place in (0, 1, 2):
            os.dup2(nowhere, place)

    try:
        status = asyncio.run(hold(ClassPlan(**data), held))
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{safe(str(error))}\n")
        status = 2
    sys.stderr.flush()
    os._exit(status)
