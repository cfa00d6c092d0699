"""Measured tensors, kept on disk, so that a survey that was stopped resumes where it was.

One file of JSON lines a model file and measuring code, named by a hash of both: a changed file, or a new release,
begins anew. Lines are only ever appended, each by one write; a line that was cut short or damaged is passed over.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import os
import zlib
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np

from qtui import __version__, paths
from qtui.compute.errors import ErrorStats
from qtui.compute.errors.keys import KeyCounts
from qtui.compute.errors.moments import Moments

VERSION = 3  # raise it when what is measured changes
MOST_BYTES = 1 << 29  # of all surveys together; the oldest go first


@dataclass(frozen=True)
class StoredMeasure:
    """One tensor in one format: its statistics, or the problem that kept it from being stored.

    `what` says which of its weights were measured, and with which importance.
    """

    tensor: str
    format: str
    what: str
    stats: ErrorStats | None
    problem: str = ""
    weighted: tuple[float, float] | None = None


def cache_directory() -> Path:
    """Where surveys are kept: under $XDG_CACHE_HOME, or ~/.cache."""
    return Path(paths.cache_file("survey"))


class SurveyCache:
    """The kept results of one model file. A disk that is full or read-only ends the keeping, not the survey."""

    def __init__(self, identity: str) -> None:
        name = hashlib.sha256(f"{VERSION} {__version__} {identity}".encode()).hexdigest()[:24]
        self._path = cache_directory() / f"{name}.jsonl"
        self.writable = bool(identity)

    def read(self) -> Iterator[StoredMeasure]:
        """Everything that was kept, line by line."""
        try:
            with open(self._path, encoding="ascii", errors="replace") as file:
                for text in file:
                    measure = _parsed(text)
                    if measure is not None:
                        yield measure
        except OSError:
            return

    def keep(self, measure: StoredMeasure) -> None:
        """Append one result."""
        if not self.writable:
            return
        line = (json.dumps(_record(measure), separators=(",", ":")) + "\n").encode("ascii")
        try:
            if not self._path.exists():
                self._path.parent.mkdir(parents=True, exist_ok=True)
                _prune(self._path.parent)
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, line)
            finally:
                os.close(handle)
        except OSError:
            self.writable = False


def _prune(directory: Path) -> None:
    """Remove the oldest surveys until the rest are within bounds."""
    files = sorted(directory.glob("*.jsonl"), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for path in files:
        total += path.stat().st_size
        if total > MOST_BYTES:
            path.unlink(missing_ok=True)


def _record(measure: StoredMeasure) -> dict[str, object]:
    record: dict[str, object] = {"t": measure.tensor, "f": measure.format, "w": measure.what}
    stats = measure.stats
    if stats is None:
        return record | {"p": measure.problem}
    raw = stats.counts.keys.astype("<u2").tobytes() + stats.counts.counts.astype("<i8").tobytes()
    return record | {
        "m": astuple(stats.moments),
        "s": [stats.absmax, stats.max_abs_error, stats.max_index, stats.beyond, stats.bounded],
        "k": base64.b64encode(zlib.compress(raw, 1)).decode("ascii"),
        "i": measure.weighted,
    }


def _parsed(text: str) -> StoredMeasure | None:
    try:
        record = json.loads(text)
        names = (str(record["t"]), str(record["f"]), str(record["w"]))
        if "p" in record:
            return StoredMeasure(*names, None, str(record["p"]))
        # Bounded, whatever the file says: 65,536 keys of 10 bytes.
        raw = zlib.decompressobj().decompress(base64.b64decode(record["k"]), 10 << 16)
        count = len(raw) // 10
        keys = np.frombuffer(raw, "<u2", count).astype(np.uint16)
        counts = np.frombuffer(raw, "<i8", count, 2 * count).astype(np.int64)
        absmax, error, index, beyond, bounded = record["s"]
        weighted = record.get("i")
        figures = [*record["m"], *record["s"], *(weighted or ())]
        if len(record["m"]) != len(fields(Moments)) or not all(map(math.isfinite, figures)) or (counts < 0).any():
            return None
        stats = ErrorStats(
            Moments(*record["m"]),
            float(absmax),
            float(error),
            int(index),
            KeyCounts(keys, counts),
            steps=None,
            blocks=None,
            beyond=int(beyond),
            bounded=int(bounded),
        )
        return StoredMeasure(*names, stats, "", (float(weighted[0]), float(weighted[1])) if weighted else None)
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, zlib.error, binascii.Error, RecursionError):
        return None
