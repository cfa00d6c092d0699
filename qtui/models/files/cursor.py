"""A place in a `Source` that moves forward over little-endian values, reading in bounded windows."""

from __future__ import annotations

import struct

from qtui.models.files.source import ModelFileError, Source, cut_short

_U32 = struct.Struct("<I").unpack_from
_U64 = struct.Struct("<Q").unpack_from

WINDOW = 1 << 20


class Cursor:
    """Reads forward from `position`, `window` bytes at a time; never more than the file holds."""

    def __init__(self, source: Source, position: int = 0, window: int = WINDOW) -> None:
        self.source = source
        self._window = window
        self._base = position
        self._data = b""
        self._at = 0

    @property
    def position(self) -> int:
        """Offset in the source of the next byte to be read."""
        return self._base + self._at

    def _need(self, size: int) -> None:
        if self._at + size <= len(self._data):
            return
        start = self.position
        left = self.source.size - start
        if size > left:
            raise cut_short(self.source.name, self.source.size)
        self._data = self.source.read(start, min(max(size, self._window), left))
        self._base, self._at = start, 0

    def u32(self) -> int:
        """The next unsigned 32-bit number."""
        self._need(4)
        value: int = _U32(self._data, self._at)[0]
        self._at += 4
        return value

    def u64(self) -> int:
        """The next unsigned 64-bit number."""
        self._need(8)
        value: int = _U64(self._data, self._at)[0]
        self._at += 8
        return value

    def unpack(self, layout: struct.Struct) -> tuple[int | float, ...]:
        """The next values, as `layout` describes them."""
        self._need(layout.size)
        values = layout.unpack_from(self._data, self._at)
        self._at += layout.size
        return values

    def take(self, size: int, what: str, limit: int) -> bytes:
        """The next `size` bytes. Raises ModelFileError naming `what` where that is more than `limit`."""
        if size > limit and self.position + size <= self.source.size:
            raise ModelFileError(
                f"{self.source.name} is corrupt: {what} claims {size:,} bytes, "
                f"and more than {limit:,} is never real; download it again"
            )
        self._need(size)
        data = self._data[self._at : self._at + size]
        self._at += size
        return data

    def skip(self, size: int) -> None:
        """Move `size` bytes forward. Raises ModelFileError past the end of the source."""
        if self.position + size > self.source.size:
            raise cut_short(self.source.name, self.source.size)
        if self._at + size <= len(self._data):
            self._at += size
        else:
            self._base, self._data, self._at = self.position + size, b"", 0

    def skip_strings(self, count: int) -> None:
        """Move past `count` strings (64-bit length, bytes) without making them: about 30 ns each."""
        unpack = _U64
        while count:
            self._need(8)
            data, at, done = self._data, self._at, 0
            last = len(data) - 8
            # The loop checks nothing but that a length can be read; an absurd one makes the next read fail.
            try:
                for _ in range(count):
                    (size,) = unpack(data, at)
                    at += 8 + size
                    done += 1
            except (struct.error, OverflowError):
                if at <= last:
                    raise
            count -= done
            ahead = at - self._at
            self.skip(ahead)
