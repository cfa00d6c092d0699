"""Bytes of a file in a Hugging Face repository, by range requests: only what is asked for travels."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from email.message import Message
from typing import IO

from qtui.models.files.source import ModelFileError, cut_short

TIMEOUT = 30.0  # seconds for each request
AHEAD = 256 << 10  # the least that one request fetches; most headers are shorter


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirects are followed beforehand, without the token; another one is refused rather than given it."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


@dataclass
class HubSource:
    """One file. `url` is where its bytes are; `token` is sent to that place if it is given."""

    name: str
    size: int
    url: str
    identity: str
    token: str | None = None
    _start: int = 0
    _data: bytes = field(default=b"", repr=False)

    def read(self, offset: int, size: int) -> bytes:
        """Exactly `size` bytes at `offset`. Raises ModelFileError where the file or the connection ends before."""
        if size <= 0:
            return b""
        if offset + size > self.size:
            raise cut_short(self.name, self.size)
        if not self._start <= offset <= offset + size <= self._start + len(self._data):
            self._data = self._fetch(offset, min(max(size, AHEAD), self.size - offset))
            self._start = offset
        at = offset - self._start
        return self._data[at : at + size]

    def _fetch(self, offset: int, size: int) -> bytes:
        headers = {"Range": f"bytes={offset}-{offset + size - 1}", "User-Agent": "qtui"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.url, headers=headers)
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT) as answer:
                if answer.status != 206 and offset:
                    raise ModelFileError(f"{self.name}: the server does not send parts of files; download the file")
                data: bytes = answer.read(size)
        except urllib.error.HTTPError as error:
            raise ModelFileError(f"{self.name}: the server answers {error.code} {error.reason}; try again") from None
        except (OSError, ValueError) as error:
            if isinstance(error, ModelFileError):
                raise
            raise ModelFileError(
                f"{self.name} can't be fetched ({error}); check the connection and try again"
            ) from None
        if len(data) < size:
            raise ModelFileError(f"{self.name}: the connection ended before {size:,} bytes had come; try again")
        return data


def same_host(one: str, other: str) -> bool:
    """Whether two URLs are at the same place, so that a token for one may be shown to the other."""
    a, b = urllib.parse.urlsplit(one), urllib.parse.urlsplit(other)
    return (a.scheme, a.netloc) == (b.scheme, b.netloc)
