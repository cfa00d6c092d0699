"""Memory of a Linux machine from /proc/meminfo, and the cgroup limits (v1 and v2) on this process."""

from __future__ import annotations

import os

# A limit at or above this is cgroup v1's way of saying that there is none.
_NO_LIMIT = 1 << 60


def read_memory(notes: list[str], root: str = "/") -> tuple[int, int, int | None]:
    """(total, available, cgroup limit or None) in bytes; `root` is where /proc and /sys are."""
    table = _table(os.path.join(root, "proc/meminfo"))
    total = table.get("MemTotal", 0) * 1024
    available = table.get("MemAvailable", table.get("MemFree", 0)) * 1024
    if not total:
        notes.append("/proc/meminfo can't be read, so the RAM is unknown; give it with --ram")
    limits = _limits(root)
    if not limits:
        return total, available, None
    limit = min(most for most, _ in limits)
    room = min(max(most - used, 0) for most, used in limits)
    if limit >= total > 0:
        return total, min(available, room), None
    return total, min(available, room), limit


def _limits(root: str) -> list[tuple[int, int]]:
    """(limit, bytes in use that can't be reclaimed) of every cgroup above this process that has a limit."""
    limits: list[tuple[int, int]] = []
    for mount, path, names in _groups(root):
        inside = path.strip("/")
        while True:
            folder = os.path.join(root, mount, inside)
            most = read_number(os.path.join(folder, names[0]))
            if most is not None and most < _NO_LIMIT:
                used = read_number(os.path.join(folder, names[1])) or 0
                stat = _table(os.path.join(folder, "memory.stat"))
                cached = stat.get("total_inactive_file", stat.get("inactive_file", 0))
                limits.append((most, max(used - cached, 0)))
            if not inside:
                break
            inside = os.path.dirname(inside)
    return limits


def _groups(root: str) -> list[tuple[str, str, tuple[str, str]]]:
    """(mount, path, names of the limit and usage files) of this process's memory cgroups, from /proc/self/cgroup."""
    groups = []
    for row in read_text(os.path.join(root, "proc/self/cgroup")).splitlines():
        _, controllers, path = (row.split(":", 2) + ["", ""])[:3]
        if controllers == "":
            groups.append(("sys/fs/cgroup", path, ("memory.max", "memory.current")))
        elif "memory" in controllers.split(","):
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes")
            groups.append(("sys/fs/cgroup/memory", path, names))
    return groups


def read_text(path: str) -> str:
    """The beginning of a file of the kernel's; nothing where it is not there."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(1 << 16)
    except OSError:
        return ""  # not there on this kernel or in this container, which means no such limit


def read_number(path: str) -> int | None:
    """The whole number in a file of the kernel's; None where there is none."""
    text = read_text(path).strip()
    return int(text) if text.isdigit() else None


def _table(path: str) -> dict[str, int]:
    """Names and whole numbers of a file with one of each a line, colons and units left out."""
    rows = (row.replace(":", " ").split() for row in read_text(path).splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) > 1 and row[1].isdigit()}
