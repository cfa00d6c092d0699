"""Records: frozen, equal by their values, and told apart by their fields."""

from __future__ import annotations

import pickle
from typing import Any, ClassVar

import pytest

from qtui.compute.memory.ffns import FFNS, ffn_class
from qtui.compute.memory.mixers import MIXERS, mixer_class
from qtui.record import REQUIRED, Field, Record, replace


class Size(Record):
    UNIT: ClassVar[str] = "B"
    kind = "size"

    rows: int
    columns: int = 1


class Named(Size):
    name: str
    columns: int = 2


def test_fields_are_what_is_declared() -> None:
    assert {"rows": Field("rows", "int", REQUIRED), "columns": Field("columns", "int", 1)} == Size.FIELDS
    assert list(Named.FIELDS) == ["rows", "columns", "name"]
    assert vars(Named(name="a", rows=3)) == {"rows": 3, "columns": 2, "name": "a"}
    assert repr(Size(rows=3)) == "Size(rows=3, columns=1)"


@pytest.mark.parametrize("values", [{}, {"rows": 1, "depth": 2}])
def test_values_too_few_or_unknown_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="rows|depth"):
        Size(**values)


def test_a_record_is_frozen() -> None:
    size = Size(rows=3)
    for change in (lambda: setattr(size, "rows", 4), lambda: delattr(size, "rows")):
        with pytest.raises(AttributeError):
            change()
    assert replace(size, columns=5) == Size(rows=3, columns=5)
    assert size == Size(columns=1, rows=3)


def test_equal_records_are_of_one_class_and_hash_alike() -> None:
    assert Size(rows=3, columns=2) != Named(rows=3, name="")
    assert len({Size(rows=3), Size(columns=1, rows=3), Size(rows=4)}) == 2
    assert pickle.loads(pickle.dumps(Size(rows=3))) == Size(rows=3)


def test_types_are_kept_as_they_are_written() -> None:
    """The catalogue's reader checks values by them."""
    for cls in (*map(mixer_class, MIXERS), *map(ffn_class, FFNS)):
        assert {cls.FIELDS[name].type for name in ("layers", "norms", "extra")} == {"int"}
        assert all(field.type.isascii() and "<" not in field.type for field in cls.FIELDS.values())
