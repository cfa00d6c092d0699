"""The app's line to the class: messages out and in, and a new line after a lost one, where there can be one."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

from qtui.teach.messages import OF_ROOM, Bye
from qtui.teach.protocol import LONGEST_TO_LEADER, Message, ProtocolError, decode, encode

AGAIN = 2.0  # seconds between two tries
BEHIND = 64 << 10  # bytes that wait for the class, beyond which what is said is lost


class Link:
    """A connected line, or the path of a socket to connect to."""

    def __init__(self, end: socket.socket | None = None, path: str = "") -> None:
        self._end = end
        self._path = path
        self._writer: asyncio.StreamWriter | None = None
        self._over = False
        self._held = False
        self._take: Callable[[Message], None] = lambda message: None
        self._lost: Callable[[bool], None] = lambda again: None

    def send(self, message: Message) -> None:
        """Send a message; without a line it is lost."""
        if self._writer is not None and self._writer.transport.get_write_buffer_size() < BEHIND:
            self._writer.write(encode(message))

    async def run(
        self, hello: Callable[[], None], take: Callable[[Message], None], lost: Callable[[bool], None]
    ) -> None:
        """Hold the line until the class says goodbye.

        `hello` is called once it stands, `take` with each message, `lost` when it has gone: with whether it is tried
        again. Where it is held already, another `take` and `lost` are called from now on.
        """
        held, self._take, self._lost = self._held, take, lost
        if held:
            return
        self._held = True
        while not self._over:
            with contextlib.suppress(OSError, ProtocolError):
                await self._hold(hello)
            again = not self._over and self._path != ""
            self._lost(again)
            if not again:
                return
            await asyncio.sleep(AGAIN)

    async def _hold(self, hello: Callable[[], None]) -> None:
        if self._end is not None:
            end, self._end = self._end, None
            reader, writer = await asyncio.open_unix_connection(sock=end, limit=LONGEST_TO_LEADER)
        else:
            reader, writer = await asyncio.open_unix_connection(self._path, limit=LONGEST_TO_LEADER)
        self._writer = writer
        try:
            hello()
            while not self._over:
                try:
                    line = await reader.readline()
                except ValueError:
                    raise ProtocolError("a message is too long") from None
                if not line:
                    return
                message = decode(line, OF_ROOM, LONGEST_TO_LEADER)
                self._over = isinstance(message, Bye)
                self._take(message)
        finally:
            self._writer = None
            writer.close()
