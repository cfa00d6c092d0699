"""The settings of a class, the messages about it, and the files of its secrets."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qtui.error import QtuiError


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
    empty: float = 0  # seconds without anybody, after which the class is over; 0 for never
    name: str = ""  # that students connect to
    student: Mapping[str, Any] = field(default_factory=dict)  # arguments of the students' app
    environment: Mapping[str, str] = field(default_factory=dict)  # of their processes


@dataclass(frozen=True)
class Held:
    """What there is to tell of a class that is being held."""

    path: str
    door: str  # the line that students type, "" where there is no SSH
    fingerprint: str


def write_secret(path: str, data: bytes) -> None:
    """Write a file that only its owner may read. Raises QtuiError where that can't be done."""
    draft = f"{path}.{os.getpid()}"
    try:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        os.replace(draft, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise QtuiError(f"{path}: this secret of the class can't be kept: {error.strerror}") from None


def key_file(path: str) -> str:
    """Where the key lies with which the class at the socket `path` is led."""
    return f"{path}.key"


def door_line(plan: ClassPlan, port: int) -> str:
    """The line that students type."""
    words = ["ssh", *(["-p", str(port)] if port != 22 else []), plan.name or plan.addresses[0]]
    return " ".join(words)
