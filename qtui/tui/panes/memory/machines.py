"""The fields of the pane: the machine to fit with its dialog, which takes amounts of memory, and steps of numbers."""

from __future__ import annotations

from contextlib import suppress

from textual.geometry import Size

from qtui.draw.units import tokens_text
from qtui.error import QtuiError
from qtui.models.machine.list import MACHINES
from qtui.models.machine.named import named
from qtui.scenario.memory.machine import amounts, amounts_text
from qtui.scenario.memory.scenario import tokens
from qtui.tui.widgets.fields import Choice
from qtui.tui.widgets.picker import Picker

HERE = "this machine"
BEFORE, WIDEST = 31, 33  # cells
NAMES = tuple(machine.name for machine in MACHINES)


class MachineChoice(Choice):
    """The field that names the machine; its list takes amounts, too."""

    def __init__(self, value: str) -> None:
        super().__init__("machine", "", ("", *NAMES), value, titles=(HERE, *NAMES))

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Room for most names: the field of the model stands before it, that of the engine may stand behind."""
        return min(super().get_content_width(container, viewport), WIDEST, container.width - BEFORE)

    def picker(self) -> MachinePicker:
        """The machines, and what is typed."""
        return MachinePicker(self.value)


class MachinePicker(Picker):
    """Returns "" for this machine, the name of another, or the amounts that were typed."""

    PLACEHOLDER = "a name, 64 GB, or 64 GB + 24 GB VRAM"

    def __init__(self, value: str) -> None:
        super().__init__("Machine", ("", *NAMES), (HERE, *NAMES), value)

    def matches(self, typed: str) -> tuple[tuple[str, str], ...]:
        """An amount goes before the machines that have it; a machine that is not listed may be understood."""
        together = "".join(filter(str.isalnum, typed.lower()))
        alike = ((name, name) for name in NAMES if together in "".join(filter(str.isalnum, name.lower())))
        rows = super().matches(typed) or tuple(alike if typed.strip()[:1].isalpha() else ())
        with suppress(QtuiError):
            given = amounts(typed)
            return ((typed, amounts_text(given.get("ram", ""), given.get("vram", ""))), *rows)
        if not rows and typed.strip():
            with suppress(QtuiError):
                named(typed)
                return ((typed.strip(), typed.strip()),)
        return rows

    def nothing(self, typed: str) -> str:
        """Why what was typed is no machine, or no amount."""
        try:
            (amounts if typed.strip()[:1].isdigit() else named)(typed)
        except QtuiError as error:
            return str(error)
        return super().nothing(typed)


def machine_values(value: str) -> dict[str, str]:
    """What the field's `value`, a name or amounts of memory, changes in the Scenario."""
    plain = {"machine": value, "ram": "", "vram": ""}
    if value and value not in NAMES:
        with suppress(QtuiError):
            return plain | {"machine": ""} | amounts(value)
    return plain


def doubled(text: str, by: int) -> str:
    """The context one power of two further or back."""
    try:
        now = tokens(text)
    except QtuiError:
        return text
    if not now:
        return text
    return tokens_text(min(max(now * 2 if by > 0 else now // 2, 256), 1 << 24))


def counted(text: str, by: int) -> str:
    """A number of sequences `by` more."""
    return str(min(max(int(text) + by, 1), 4096)) if text.isdecimal() and len(text) < 19 else text
