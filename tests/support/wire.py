"""A line to a class whose other end is the test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qtui.teach.protocol import Message
from qtui.tui.follow.link import Link
from tests.support.screens import screen_text, settle


class Wire(Link):
    """A line whose other end is the test."""

    def __init__(self) -> None:
        super().__init__()
        self.held = False  # whether it stands already
        self.said: list[Message] = []
        self.take: Callable[[Message], None] = lambda message: None

    def send(self, message: Message) -> None:
        self.said.append(message)

    async def run(self, hello: Any, take: Any, lost: Any) -> None:
        self.take = take
        if not self.held:
            hello()

    def last(self, kind: type[Message]) -> Any:
        return next((message for message in reversed(self.said) if isinstance(message, kind)), None)


async def hears(pilot: Any, wire: Wire, *messages: Message) -> str:
    for message in messages:
        wire.take(message)
        await settle(pilot)
    return screen_text(pilot.app)
