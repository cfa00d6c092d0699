"""Published speeds of generation and of prompt processing: `speed.json` beside this module."""

import json
import os
import re
from functools import lru_cache
from typing import NamedTuple

from qtui.models.machine.machine import name_words

FILE = os.path.join(os.path.dirname(__file__), "speed.json")
_DEVICE = r'"device": "([^"]+)"'
_OLD = ("2023",)  # kernels that nobody runs today


class SpeedMeasurement(NamedTuple):
    """One measured speed, in tokens per second.

    `device` is empty and `bandwidth` (bytes per second, as its vendor publishes it) 0 where the source names none;
    `kind` is its class in `speed.COSTS`. `held_out`: not used for fitting the speed model. Not `steady`: its runs
    differ by a fifth or more.
    """

    device: str
    kind: str
    bandwidth: int
    model: str
    format: str
    tokens_per_second: float
    prompt: float | None
    source: str
    engine: str
    code: str
    note: str
    held_out: bool
    steady: bool = True


@lru_cache(maxsize=1)
def _text() -> str:
    with open(FILE, encoding="utf-8") as file:
        return file.read()


@lru_cache(maxsize=1)
def _devices() -> dict[str, set[str]]:
    """The words of every device's name, read off the file's text: few questions are about one of them."""
    return {name: set(name_words(name)) for name in re.findall(_DEVICE, _text())}


@lru_cache(maxsize=1)
def measurements() -> tuple[SpeedMeasurement, ...]:
    """Every published measurement."""
    return tuple(
        SpeedMeasurement(
            row["device"],
            row["kind"],
            round(row["bandwidth"] * 1e9),
            row["model"],
            row["format"],
            row["tokens_per_second"],
            row.get("prompt_tokens_per_second"),
            table["source"],
            table["engine"],
            table["code"],
            table["note"],
            table["held_out"],
            row.get("steady", True),
        )
        for table in json.loads(_text())
        for row in table["rows"]
    )


@lru_cache(maxsize=64)
def on_device(name: str) -> tuple[SpeedMeasurement, ...]:
    """The measurements on the device called `name`, or whose name is part of it: "MacBook Pro M1 Max 64GB"."""
    if not any(map(str.isdigit, name)):  # as the name of every device has one, and "this machine" none
        return ()
    words = set(name_words(name))
    fitting = {device: own for device, own in _devices().items() if own <= words}
    # An M1 Max is no M1 Max CPU, an RTX 2080 Ti no RTX 2080.
    most = max(map(len, fitting.values()), default=0)
    variants = {"ti", "super", "xt", "xtx", "cpu"} & words
    meant = {device for device, own in fitting.items() if len(own) == most and variants <= own}
    return tuple(row for row in measurements() if row.device in meant) if meant else ()


def measured(device: str, model: str, label: str, engine: str) -> tuple[SpeedMeasurement, ...]:
    """What was measured of this very model and format on this very device."""
    return tuple(
        row
        for row in on_device(device)
        if row.model == model and row.format.lower() == label.lower() and row.engine == engine
    )


def prompt_work(device: str) -> tuple[float, SpeedMeasurement] | None:
    """Weights times tokens per second that `device` computes while it reads a prompt, and the measurement of it.

    The median of what was published for it, None where nothing was.
    """
    rows = [
        (row.prompt * WEIGHTS[row.model], row)
        for row in on_device(device)
        if row.prompt and row.model in WEIGHTS and row.code not in _OLD
    ]
    rows = sorted(rows, key=lambda pair: pair[0])
    return rows[len(rows) // 2] if rows else None


# Weights that a token passes: without the embedding table, unless that is the head as well.
WEIGHTS = {
    "Llama-3.1-8B-Instruct": 7.50e9,
    "Llama-2-7b-hf": 6.61e9,
    "Qwen3.5-4B": 4.21e9,
    "Llama-3.2-3B-Instruct": 3.21e9,
}
