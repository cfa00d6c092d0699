"""Keys and signals while the app starts, at any moment: keys wait for the first pane, leaving waits for nothing.

QTUI_STORM sets at how many moments each is tried; more than the default is for trying by hand.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.harness import Terminal, homes

MOMENTS = int(os.environ.get("QTUI_STORM", "4"))
AT_ONCE = 3  # a loaded machine, on which starting takes longer
LATEST = 2.0  # seconds
HOWS: dict[str, int] = {"q": 0, "2q": 0, "4pq": 0, "\x03": 130, "SIGTERM": 143, "SIGHUP": 129, "SIGINT": 130}


def left(how: str, moment: float, folder: Path) -> str:
    """What is wrong with leaving by `how` so many seconds after the start; empty where all is well."""
    folder.mkdir()
    env = homes(folder)
    with Terminal([sys.executable, "-m", "qtui", "mem", "--tui"], env=env) as terminal:
        until = time.monotonic() + moment
        while (rest := until - time.monotonic()) > 0:
            terminal.pump(rest)
        if how.startswith("SIG"):
            terminal.kill(getattr(signal, how))
        else:
            terminal.send(how)
        status = terminal.wait_end()
        # Before it has begun, Python itself answers Ctrl+C.
        early = how in ("\x03", "SIGINT") and "KeyboardInterrupt" in terminal.text()
        if status != HOWS[how] and not early:
            return f"{how!r} after {moment:.3f} s: status {status}\n{terminal.text()}"
        if terminal.modes_left_on() or "stopped on a defect" in terminal.text():
            return f"{how!r} after {moment:.3f} s: {terminal.modes_left_on()}\n{terminal.text()}"
    return ""


@pytest.mark.parametrize("how", HOWS, ids=repr)
def test_leaving_at_any_moment(how: str, tmp_path: Path) -> None:
    dice = random.Random(how)
    moments = [LATEST * (i + dice.random()) / MOMENTS for i in range(MOMENTS)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = list(pool.map(lambda i: left(how, moments[i], tmp_path / str(i)), range(MOMENTS)))
    assert not any(wrong), "\n".join(wrong)


@pytest.mark.parametrize(("keys", "seen"), [("3", "[3 Quantizer]"), ("24\x1b[D", "[4 Errors]"), ("m8b\r", "8.00 B")])
@pytest.mark.parametrize("moment", [0.0, 0.5])
def test_keys_typed_ahead_are_taken_in_order(keys: str, seen: str, moment: float, tmp_path: Path) -> None:
    env = homes(tmp_path)
    with Terminal([sys.executable, "-m", "qtui", "mem", "--tui"], env=env, columns=100) as terminal:
        time.sleep(moment)
        terminal.send(keys)
        terminal.wait_for(seen)
        terminal.press("ctrl+c")
        assert terminal.wait_end() == 130
