"""A line of a class: a socket on which messages come and go, within bounds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from qtui.teach.messages import OF_LEADER, OF_STUDENTS, Bye
from qtui.teach.protocol import LONGEST, Message, ProtocolError, decode, encode

BEHIND = 256 << 10  # bytes that wait for a line, beyond which it is cut
OFTEN, AT_ONCE = 50.0, 200.0  # messages a second that a line may say, and how many in one go


class Keeper(Protocol):
    """The owner of a line, which hears of its messages."""

    def opened(self, line: Line) -> None:
        """The line is connected."""

    def take(self, line: Line, message: Message) -> None:
        """A message has come."""

    def closed(self, line: Line) -> None:
        """The line is closed."""


class Line(asyncio.Protocol):
    """One line of the class."""

    KINDS = OF_STUDENTS + OF_LEADER  # of message that it may say
    LONGEST = LONGEST

    def __init__(self, keeper: Keeper, number: int, origin: str = "", gone: Callable[[], None] | None = None) -> None:
        """`origin` tells where it comes from; `gone` is called when it is closed."""
        self._keeper = keeper
        self.number = number
        self.origin = origin
        self._gone = gone
        self.transport: asyncio.Transport | None = None
        self._read = b""
        self._may = AT_ONCE  # messages
        self._since = time.monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The line is connected."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._keeper.opened(self)

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        self._read += data
        *lines, self._read = self._read.split(b"\n")
        try:
            if len(self._read) > self.LONGEST:
                raise ProtocolError("a message is too long")
            for line in lines:
                self._count()
                self._keeper.take(self, decode(line, self.KINDS, self.LONGEST))
        except ProtocolError as error:
            self.send(Bye(str(error)))
            self.close()

    def _count(self) -> None:
        now = time.monotonic()
        self._may = min(AT_ONCE, self._may + OFTEN * (now - self._since)) - 1
        self._since = now
        if self._may < 0:
            raise ProtocolError("too many messages at once")

    def send(self, message: Message) -> None:
        """Send a message; a line that takes nothing is cut."""
        self.send_encoded(encode(message))

    def send_encoded(self, data: bytes) -> None:
        """The same for a message that many are sent."""
        if self.transport is None or self.transport.is_closing():
            return
        self.transport.write(data)
        if self.transport.get_write_buffer_size() > BEHIND:
            self.transport.abort()

    def close(self) -> None:
        """Send what waits, and end."""
        if self.transport is not None:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """The line is closed."""
        self._keeper.closed(self)
        if self._gone is not None:
            self._gone()
