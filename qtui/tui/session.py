"""Coming back where qtui was left: each pane's Scenario and the pane on show, in one small file.

The file is written when the app leaves, whichever way, and read when it opens. A file that can't be read is set aside
under another name and said so; it never keeps the app from opening.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from qtui import paths
from qtui.scenario.base import Scenario, UserError, from_json, to_json

S = TypeVar("S", bound=Scenario)
VERSION = 1


@dataclass
class Session:
    """What was left: the pane on show and the Scenarios as JSON objects, by command name."""

    pane: str = ""
    scenarios: dict[str, dict[str, Any]] = field(default_factory=dict)
    trouble: str = ""  # what to tell the person

    def scenario(self, kind: type[S]) -> S | None:
        """The pane's Scenario as it was left, or None; one that no longer fits its pane counts as none."""
        data = self.scenarios.get(kind.command)
        if data is None:
            return None
        try:
            return from_json(kind, data)
        except UserError as error:
            self.trouble = f"the {kind.command} pane was left in a state that this version can't read: {error}"
            return None


def load_session() -> Session:
    """The session that was left, or an empty one."""
    path = paths.state_file("session.json")
    try:
        return _checked(json.loads(paths.read_small(path)))
    except FileNotFoundError:
        return Session()
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or "it is damaged"
        aside = paths.set_aside(path, "damaged")
        kept = f"; it is kept as {aside}" if aside else ""
        return Session(trouble=f"the last session can't be read ({reason}){kept}")


def _checked(data: Any) -> Session:
    """`data` as a Session. Raises ValueError where it is none."""
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise ValueError
    pane, scenarios = data.get("pane"), data.get("scenarios")
    if not isinstance(pane, str) or not isinstance(scenarios, dict):
        raise ValueError
    if not all(isinstance(value, dict) for value in scenarios.values()):
        raise ValueError
    return Session(pane, scenarios)


def save_session(pane: str, present: Mapping[str, Scenario], earlier: Session) -> None:
    """Write the session: what `present` doesn't have stays as it was `earlier`. Raises OSError."""
    scenarios = earlier.scenarios | {command: to_json(scenario) for command, scenario in present.items()}
    text = json.dumps({"version": VERSION, "pane": pane, "scenarios": scenarios}, indent=1)
    paths.write_own(paths.state_file("session.json"), text + "\n")


def forget_session() -> None:
    """Set the session aside, since the app crashed in it: it must not crash again at every start."""
    paths.set_aside(paths.state_file("session.json"), "crashed")
