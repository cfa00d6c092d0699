"""The codebooks family of storage formats."""

from __future__ import annotations

from qtui.compute.formats import Format

FORMATS: tuple[Format, ...] = ()
