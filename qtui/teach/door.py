"""The door of a class: who may come in over SSH, how many at a time, and what a connection may do before that.

A whole class behind one address is normal, so an address alone is suspicious only beyond a class's size. Connections
that have not authenticated are few and short-lived; where they are too many, the oldest that has had its chance goes.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import os
import secrets
import socket
import time
from collections.abc import Callable
from typing import Any

import asyncssh

from qtui import paths
from qtui.error import QtuiError
from qtui.teach.drawing import Drawing
from qtui.teach.plan import ClassPlan, write_secret
from qtui.teach.server import StudentSession
from qtui.teach.service import Service
from qtui.teach.starter import Starter

HOST_KEY = "class_host_key"
PENDING = 100  # connections that have not authenticated
CHANCE = 3.0  # seconds that each of them has in any case
LOGIN = 10  # seconds in which one has to authenticate
TRIES, PENALTY = 3, 0.7  # passwords a connection may try, and seconds that a wrong one costs
BEFORE = 64 << 10  # bytes that a client may send before its session has begun
OFTEN, AT_ONCE = 64 << 10, 2 << 20  # bytes a second that it may send then, and how many in one go
WINDOW = 64 << 10  # bytes of keys that a client may send before they are read
ALIVE = 15  # seconds between two questions whether the client is there
BANNER = "qtui: the password is the join code that the teacher shows\r\n"


class Connection(asyncssh.SSHServerConnection):
    """asyncssh's connection, which reads no faster than it should and stops where the client takes nothing."""

    door: Door
    session: StudentSession | None = None
    began = 0.0
    _transport_of_ours: asyncio.Transport | None = None
    _allowed = float(BEFORE)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is open."""
        assert isinstance(transport, asyncio.Transport)
        self._transport_of_ours = transport
        self.began = time.monotonic()
        self._since = self.began
        transport.set_write_buffer_limits(high=128 << 10)
        super().connection_made(transport)

    def data_received(self, data: bytes, datatype: Any = None) -> None:
        """Bytes came; after too many at once reading pauses."""
        now = time.monotonic()
        stands = self.session is not None and self.session.stands
        if stands:
            self._allowed = min(AT_ONCE, self._allowed + OFTEN * (now - self._since))
        self._since = now
        self._allowed -= len(data)
        if self._allowed < 0 and self._transport_of_ours is not None:
            if not stands:
                self.abort()
                return
            self._transport_of_ours.pause_reading()
            asyncio.get_running_loop().call_later(-self._allowed / OFTEN + 0.1, self._read_on)
        super().data_received(data, datatype)

    def _read_on(self) -> None:
        if self._transport_of_ours is not None and not self._transport_of_ours.is_closing():
            self._transport_of_ours.resume_reading()

    def pause_writing(self) -> None:
        """The client takes no more for now."""
        if self.session is not None:
            self.session.full("connection")
        else:
            self.abort()

    def resume_writing(self) -> None:
        """The client takes more again."""
        if self.session is not None:
            self.session.free("connection")

    def connection_lost(self, exc: Exception | None = None) -> None:
        """The connection is closed."""
        self.door.gone(self)
        super().connection_lost(exc)


class Guest(asyncssh.SSHServer):
    """What asyncssh asks about one connection."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._connection: Connection | None = None
        self._tries = 0

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """The connection is open."""
        assert isinstance(conn, Connection)
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        """Whether the client has to authenticate."""
        if self._door.plan.password and self._connection is not None:
            self._connection.send_auth_banner(BANNER)
        return bool(self._door.plan.password or self._door.plan.keys)

    def auth_completed(self) -> None:
        """The client has authenticated."""
        if self._connection is not None:
            self._door.authenticated(self._connection)

    def password_auth_supported(self) -> bool:
        """Whether it may do so by a password."""
        return bool(self._door.plan.password)

    async def validate_password(self, username: str, password: str) -> bool:
        """Whether the password is the class's."""
        right = self._door.is_password(password)
        if not right:
            self._tries += 1
            await asyncio.sleep(PENALTY)
            if self._tries >= TRIES and self._connection is not None:
                self._connection.abort()
        return right

    def session_requested(self) -> StudentSession | bool:
        """A connection has one session, and nothing else can be requested."""
        connection = self._connection
        if connection is None or connection.session is not None:
            return False
        address = str((connection.get_extra_info("peername") or ("",))[0])
        connection.session = StudentSession(self._door, address, str(connection.get_extra_info("username") or ""))
        return connection.session


class Door:
    """Listens, and lets students in."""

    def __init__(self, plan: ClassPlan, service: Service, starter: Starter) -> None:
        self.plan = plan
        self.service = service
        self.starter = starter
        self._secret = secrets.token_bytes(32)
        self._pending: dict[Connection, None] = {}
        self._let_in: set[Connection] = set()
        self._sessions: dict[StudentSession, asyncio.TimerHandle] = {}
        self._options: asyncssh.SSHServerConnectionOptions | None = None
        self._listeners: list[asyncio.Task[None]] = []
        self._closed = False

    async def open(self, sockets: list[socket.socket], host_key: asyncssh.SSHKey) -> None:
        """Listen at `sockets`, which are bound. Raises QtuiError where the keys can't be read."""
        keys = None
        if self.plan.keys:
            try:
                keys = asyncssh.read_authorized_keys(self.plan.keys)
            except (OSError, ValueError) as error:
                raise QtuiError(f"{self.plan.keys}: these keys can't be read: {error}") from None
        self._options = await asyncssh.SSHServerConnectionOptions.construct(
            None,
            server_factory=lambda: Guest(self),
            server_host_keys=[host_key],
            server_version="qtui",
            authorized_client_keys=keys,
            public_key_auth=bool(keys),
            password_auth=bool(self.plan.password),
            kbdint_auth=False,
            host_based_auth=False,
            gss_host=None,
            encoding=None,
            line_editor=False,
            line_echo=False,
            agent_forwarding=False,
            x11_forwarding=False,
            allow_scp=False,
            sftp_factory=None,
            process_factory=None,
            session_factory=None,
            compression_algs=["none"],  # what is compressed has no bounds when it is read
            login_timeout=LOGIN,
            keepalive_interval=ALIVE,
            window=WINDOW,
        )
        for end in sockets:
            end.setblocking(False)
            end.listen(PENDING)
            self._listeners.append(asyncio.ensure_future(self._listen(end)))

    async def _listen(self, end: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with end:
            while not self._closed:
                try:
                    client, _ = await loop.sock_accept(end)
                except OSError:  # too many files are open, or the client has gone again
                    await asyncio.sleep(0.1)
                    continue
                if not self._has_room():
                    client.close()
                    continue
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                try:
                    await loop.connect_accepted_socket(self._connection, client)
                except OSError:
                    client.close()

    def _connection(self) -> Connection:
        assert self._options is not None
        connection = Connection(asyncio.get_running_loop(), self._options)
        connection.door = self
        self._pending[connection] = None
        return connection

    def _has_room(self) -> bool:
        """Whether one more may try, where the oldest that has had its chance makes room."""
        if len(self._pending) >= PENDING:
            oldest = next(iter(self._pending))
            if time.monotonic() - oldest.began < CHANCE:
                return False
            self._pending.pop(oldest)
            oldest.abort()
        return True

    def authenticated(self, connection: Connection) -> None:
        """A connection has proved who it is: it may wait no longer than the others for its session."""
        self._pending.pop(connection, None)
        self._let_in.add(connection)
        asyncio.get_running_loop().call_later(LOGIN, self._cut_if_idle, connection)
        if len(self._let_in) > self.plan.most + PENDING:
            connection.abort()

    def _cut_if_idle(self, connection: Connection) -> None:
        if connection.session not in self._sessions:
            connection.abort()

    def gone(self, connection: Connection) -> None:
        """A connection has ended."""
        self._pending.pop(connection, None)
        self._let_in.discard(connection)

    def is_password(self, text: str) -> bool:
        """Whether `text` is the class's password; how alike they are can't be told from the time it takes."""
        return bool(self.plan.password) and hmac.compare_digest(text.encode(), self.plan.password.encode())

    # What a session asks.

    def may_enter(self) -> str:
        """Why nobody may come in now, "" where one may."""
        if len(self._sessions) >= self.plan.most:
            return f"the class is full ({self.plan.most} students); ask the teacher"
        return ""

    def entered(self, session: StudentSession) -> None:
        """A session has begun: its connection may stay."""
        stay = asyncio.get_running_loop().call_later(3600 * self.plan.hours, session.end)
        self._sessions[session] = stay

    def left(self, session: StudentSession) -> None:
        """The session has ended."""
        timer = self._sessions.pop(session, None)
        if timer is not None:
            timer.cancel()

    def origin(self, address: str, user: str) -> str:
        """An identifier of where somebody comes from, by which a dropped line finds its place again."""
        digest = hmac.new(self._secret, f"{address}\n{user}".encode(errors="replace"), hashlib.sha256)
        return f"{address} {digest.hexdigest()[:16]}"

    async def close(self) -> None:
        """Accept no more connections, and end the open ones."""
        self._closed = True
        for listener in self._listeners:
            listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listener
        for session in list(self._sessions):
            session.end()
        for connection in [*self._pending, *self._let_in]:
            connection.close()


async def open_door(
    plan: ClassPlan, sockets: list[socket.socket], service: Service
) -> tuple[list[Callable[[], Any]], str]:
    """Let students in at `sockets`: what to call at the end, and the host key's fingerprint. Raises QtuiError."""
    key = host_key(paths.state_file(HOST_KEY))
    starter = Starter(plan.student, plan.environment)
    service.drawing = Drawing(starter)
    door = Door(plan, service, starter)
    await door.open(sockets, key)
    starter.warm_up()
    return [door.close, service.drawing.close, starter.close], str(key.get_fingerprint())


def host_key(path: str) -> asyncssh.SSHKey:
    """The class's own key, made when it is first needed; only its owner may read it. Raises QtuiError."""
    try:
        status = os.stat(path)
        if status.st_mode & 0o077 or status.st_uid != os.geteuid():
            raise QtuiError(f"{path}: others may read this key; chmod 600 it, or remove it to have a new one made")
        return asyncssh.read_private_key(path)
    except FileNotFoundError:
        key = asyncssh.generate_private_key("ssh-ed25519", comment="qtui class")
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        write_secret(path, key.export_private_key())
        return key
    except (OSError, ValueError) as error:
        if isinstance(error, QtuiError):
            raise
        raise QtuiError(f"{path}: the host key can't be read: {error}") from None
