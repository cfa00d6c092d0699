"""Holding a class: the process that keeps the room and, where asked, lets students in over SSH."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import secrets
import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qtui import paths
from qtui.error import QtuiError
from qtui.teach.joins import JoinLog
from qtui.teach.service import Service

HOST_KEY = "class_host_key"
FEW_FILES = 256  # that a student takes at most two of: below so many, none is let in


@dataclass(frozen=True)
class ClassPlan:
    """How a class is held. Without `addresses` students come over the socket alone, as OpenSSH's forced commands."""

    path: str
    addresses: tuple[str, ...] = ()
    port: int = 8022
    password: str = ""
    keys: str = ""
    most: int = 60
    hours: float = 4.0
    name: str = ""  # that students connect to
    student: Mapping[str, Any] = field(default_factory=dict)  # arguments of the students' app


@dataclass(frozen=True)
class Held:
    """What there is to tell of a class that is being held."""

    path: str
    door: str  # the line that students type, "" where there is no SSH
    fingerprint: str
    port: int


def host_key(path: str) -> Any:
    """The class's own key, made when it is first needed; only its owner may read it. Raises QtuiError."""
    import asyncssh

    try:
        status = os.stat(path)
        if status.st_mode & 0o077 or status.st_uid != os.geteuid():
            raise QtuiError(f"{path}: others may read this key; chmod 600 it, or remove it to have a new one made")
        return asyncssh.read_private_key(path)
    except FileNotFoundError:
        key = asyncssh.generate_private_key("ssh-ed25519", comment="qtui class")
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        _write_secret(path, key.export_private_key())
        return key
    except (OSError, ValueError) as error:
        if isinstance(error, QtuiError):
            raise
        raise QtuiError(f"{path}: the host key can't be read: {error}") from None


def _write_secret(path: str, data: bytes) -> None:
    draft = f"{path}.{os.getpid()}"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(draft)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    os.replace(draft, path)


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
    service = Service(key, JoinLog(paths.state_file("class.log")), over.set, plan.most, door)
    await service.open_at(plan.path)
    closers: list[Callable[[], Any]] = []
    try:
        _write_secret(key_file(plan.path), key.encode())
        fingerprint = await _open_ssh(plan, sockets, service, closers) if sockets else ""
        held(Held(plan.path, door, fingerprint, port))
        await over.wait()
        service.say_goodbye("the class is over")
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


async def _open_ssh(
    plan: ClassPlan, sockets: list[socket.socket], service: Service, closers: list[Callable[[], Any]]
) -> str:
    from qtui.teach.door import Admission, Door
    from qtui.teach.starter import Starter

    key = host_key(paths.state_file(HOST_KEY))
    starter = Starter(plan.student)
    starter.warm_up()
    closers.append(starter.close)
    door = Door(Admission(plan.password, plan.keys, plan.most, plan.hours), service, starter)
    await door.open(sockets, key)
    closers.insert(0, door.close)
    return str(key.get_fingerprint())


def _allow_files() -> None:
    """Let this process have as many files open as the system allows it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 8192 if hard == resource.RLIM_INFINITY else min(hard, 8192)
    if most < FEW_FILES:
        raise QtuiError(f"a class needs {FEW_FILES} open files, and this account may have {most} (ulimit -n)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def key_file(path: str) -> str:
    """Where the key lies with which the class at the socket `path` is led."""
    return f"{path}.key"


def door_line(plan: ClassPlan, port: int) -> str:
    """The line that students type."""
    words = ["ssh", *(["-p", str(port)] if port != 22 else []), plan.name or plan.addresses[0]]
    return " ".join(words)
