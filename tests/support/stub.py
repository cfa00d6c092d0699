"""A program for the tests: qtui's shell around the panes of `stub_panes.py`.

python tests/support/stub.py KIND [OPTIONS OF qtui]
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2])]

from qtui.__main__ import leave  # noqa: E402
from qtui.cli.launch import run_app  # noqa: E402
from qtui.tui.panes.registry import FURTHER, PANES  # noqa: E402
from tests.support.stub_scenarios import StubScenario  # noqa: E402


def main() -> None:
    kind, *args = sys.argv[1:]
    PANES.clear()
    FURTHER.clear()
    PANES["mem"] = ("1", "Stub", "tests.support.stub_panes:StubPane")
    PANES["bits"] = ("2", "Other", "tests.support.stub_panes:OtherPane")
    leave(run_app(args, StubScenario(kind=kind) if kind != "-" else None))


if __name__ == "__main__":
    main()
