"""A Scenario on its way through a class: what differs from the pane's defaults, and which may be opened here."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from qtui.scenario.base import Scenario, UserError, from_json, to_json
from qtui.tui.panes.registry import FURTHER, PANES, pane_class

PARTS = re.compile(r"[\s,=]+")  # between the words of a text that holds several
NUMBER = re.compile(r"[-+]?[\d./eE+-]*\d")  # also a fraction
ELSEWHERE = ("hub", "out")  # settings that reach the network, or write a file


def to_line(scenario: Scenario) -> dict[str, Any]:
    """`scenario` as a message carries it."""
    whole = to_json(scenario)
    differs = {item.name for item in fields(scenario) if getattr(scenario, item.name) != item.default}
    return {name: value for name, value in whole.items() if name == "pane" or name in differs}


def from_line(data: Mapping[str, Any], *, by_student: bool = False) -> Scenario:
    """The Scenario in `data`. Raises UserError where it is none, or one that is not opened because another says so.

    No class makes a qtui write a file or reach the network. Files are opened where the teacher does so, not because a
    student has named one.
    """
    pane = data.get("pane")
    if pane not in PANES and pane not in FURTHER:
        raise UserError("the class shows something that this qtui does not have; use the same version as the teacher")
    kind = pane_class(str(pane)).SCENARIO
    try:
        scenario: Scenario = from_json(kind, dict(data))
    except (TypeError, ValueError) as error:
        raise UserError(f"the class shows something that this qtui can't show: {error}") from None
    words = PARTS.split(str(data.get("state", "")))  # the tour's: a command line
    if any(data.get(name) or f"--{name}" in words for name in ELSEWHERE):
        raise UserError("the class shows something that reaches beyond this qtui; it is left aside")
    if by_student and _names_file(scenario):
        raise UserError("this student looks at a file of their own; it can't be shown to all")
    return scenario


def _names_file(scenario: Scenario) -> bool:
    """Whether any of the Scenario's texts might be taken for a file."""
    for item in fields(scenario):
        value = getattr(scenario, item.name)
        for text in value if isinstance(value, tuple) else (value,):
            parts = (text, *PARTS.split(text)) if isinstance(text, str) and text != item.default else ()
            if any(map(_might_be_file, parts)):
                return True
    return False


def _might_be_file(text: str) -> bool:
    if NUMBER.fullmatch(text) and not os.path.exists(text):
        return False
    return text.startswith(("~", ".")) or os.sep in text or "\\" in text or (text != "" and os.path.exists(text))
