"""Holding a class: the process that keeps the room and, where asked, lets students in over SSH."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import secrets
import signal
import socket
from collections.abc import Callable
from typing import Any

from qtui import paths
from qtui.error import QtuiError
from qtui.teach.joins import JoinLog
from qtui.teach.plan import ClassPlan, Held, door_line, key_file, write_secret
from qtui.teach.service import Service

FEW_FILES = 256  # that a student takes at most two of: below so many, none is let in


def bound(addresses: tuple[str, ...], port: int) -> list[socket.socket]:
    """Sockets at `addresses`, all at one port; 0 takes a free one. Raises QtuiError."""
    sockets: list[socket.socket] = []
    try:
        for address in addresses:
            family, kind, protocol, _, place = socket.getaddrinfo(
                address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            end = socket.socket(family, kind, protocol)
            sockets.append(end)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                end.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            end.bind(place)
            port = port or end.getsockname()[1]
    except OSError as error:
        for end in sockets:
            end.close()
        raise QtuiError(f"can't listen at {address} port {port}: {error.strerror or error}") from None
    return sockets


async def hold(plan: ClassPlan, held: Callable[[Held], None]) -> int:
    """Hold a class until it ends; `held` is called once it is open. Raises QtuiError where it can't be held."""
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    _allow_files()
    key = secrets.token_hex(16)
    sockets = bound(plan.addresses, plan.port)
    port = sockets[0].getsockname()[1] if sockets else 0
    door = door_line(plan, port) if sockets else ""
    # For who leads, and nobody else.
    invitation = f"{door} (join code {plan.password})" if door and plan.password else door
    service = Service(key, JoinLog(paths.state_file("class.log")), over.set, plan.most, invitation, plan.empty)
    await service.open_at(plan.path)
    closers: list[Callable[[], Any]] = []
    try:
        write_secret(key_file(plan.path), key.encode())
        fingerprint = ""
        if sockets:
            from qtui.teach.door import open_door  # asyncssh, which not everybody has

            closers, fingerprint = await open_door(plan, sockets, service)
        held(Held(plan.path, door, fingerprint))
        await over.wait()
        service.say_goodbye()
        await asyncio.sleep(0.2)  # for the last words to go out
    finally:
        for close in closers:
            done = close()
            if done is not None:
                await done
        service.close()
        with contextlib.suppress(OSError):
            os.unlink(key_file(plan.path))
    return 0


def _allow_files() -> None:
    """Let this process have as many files open as the system allows it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 8192 if hard == resource.RLIM_INFINITY else min(hard, 8192)
    if most < FEW_FILES:
        raise QtuiError(f"a class needs {FEW_FILES} open files, and this account may have {most} (ulimit -n)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
