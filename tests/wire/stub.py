"""A program for the tests: qtui's shell around the panes of `stub_panes.py`.

python tests/wire/stub.py KIND [OPTIONS OF qtui]
"""

from __future__ import annotations

import sys

from stub_scenarios import StubScenario

from qtui.__main__ import leave
from qtui.cli.launch import run_app
from qtui.tui.panes import PANES


def main() -> None:
    kind, *args = sys.argv[1:]
    PANES.clear()
    PANES["mem"] = ("1", "Stub", "stub_panes:StubPane")
    PANES["bits"] = ("2", "Other", "stub_panes:OtherPane")
    leave(run_app(args, StubScenario(kind=kind) if kind != "-" else None))


if __name__ == "__main__":
    main()
