"""Frozen objects of named values, whose declaration the program itself reads.

They are declared and used like frozen dataclasses, and behave alike. Their fields are looked at while the program
runs: from those of a Scenario follow its options, from those of an architecture its form in JSON. `dataclasses` would
take half of the time in which `qtui mem ... --json` answers: it compiles six methods for each class, and imports
`inspect`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, NoReturn, TypeVar

if sys.version_info >= (3, 11):
    from typing import dataclass_transform as dataclass_transform
else:

    def dataclass_transform(**options: Any) -> Any:
        """For type checkers alone."""
        return lambda cls: cls


class Field(NamedTuple):
    """One value of a Record: its name, its type as it is written, and its default, `REQUIRED` where it has none."""

    name: str
    type: str
    default: Any


REQUIRED: Any = object()


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Record:
    """Base of classes that list their values as `name: type` or `name: type = default`, which makes their `FIELDS`.

    Values are given by name; whoever gives too few or unknown ones gets a TypeError. Records of one class with equal
    values are equal. `replace` gives a changed one, `vars` all values.
    """

    FIELDS: ClassVar[Mapping[str, Field]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        declared = {name: str(kind) for name, kind in cls.__annotations__.items()}
        own = {
            name: Field(name, kind, vars(cls).get(name, REQUIRED))
            for name, kind in declared.items()
            if not kind.startswith("ClassVar")
        }
        cls.FIELDS = {**cls.FIELDS, **own}

    def __init__(self, **values: Any) -> None:
        state = {name: values.pop(name, field.default) for name, field in self.FIELDS.items()}
        missing = [name for name, value in state.items() if value is REQUIRED]
        if missing or values:
            what = f"needs {', '.join(missing)}" if missing else f"has no {', '.join(values)}"
            raise TypeError(f"{type(self).__name__} {what}")
        vars(self).update(state)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen; replace() makes another one")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))


R = TypeVar("R", bound=Record)


def replace(record: R, **changes: Any) -> R:
    """`record` with other values in the fields that `changes` name."""
    return type(record)(**(vars(record) | changes))
