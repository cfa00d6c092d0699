"""What others measured on larger models, with their sources: `published.json` beside this module."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "published.json"


@dataclass(frozen=True)
class PublishedCurve:
    """One model's table. Rows have `format` and, as far as it was published, `bits_per_weight`, `kld_mean`,
    `kld_median`, `kld_p99`, `dlnppl`, `ppl` and `same_top`."""

    model: str
    source: str
    rows: tuple[dict[str, Any], ...]


@lru_cache(maxsize=1)
def published() -> tuple[PublishedCurve, ...]:
    """Every published curve."""
    data = json.loads(FILE.read_text(encoding="utf-8"))
    return tuple(PublishedCurve(item["model"], item["source"], tuple(item["rows"])) for item in data)
