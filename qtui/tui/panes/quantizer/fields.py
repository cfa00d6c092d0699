"""The Quantizer pane's fields: three rows of them, what they show, and how what is typed into them is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import ComposeResult
from textual.widget import Widget

from qtui.compute.data import ESSAY, MAX_DRAWN
from qtui.compute.distributions import distribution
from qtui.compute.formats import get_format
from qtui.draw.quantizer.parts import LETTERS
from qtui.scenario.base import UserError
from qtui.scenario.quantizer import edit
from qtui.scenario.quantizer.scenario import VIEWS, QuantizerScenario
from qtui.tui.widgets.entry import Entry
from qtui.tui.widgets.fields import Choice, FieldRow


def rows() -> ComposeResult:
    """Numbers, scheme, view: a row for each."""
    with FieldRow(classes="fields"):
        yield Choice("kind", "Numbers", edit.KINDS, titles=[kind_title(kind) for kind in edit.KINDS])
        yield Entry("text", "", placeholder="-0.89 0.16 ... or a file", width=40)
        yield Entry("size", "size", width=7, step=doubled)
        yield Entry("spread", "spread", width=7, step=scaled)
        yield Entry("seed", "seed", width=5, step=counted)
        yield Entry("strength", "outliers", width=6, step=doubled)
    with FieldRow(classes="fields"):
        yield Choice("scheme", "Scheme", LETTERS[:1])
        yield Entry("format", "", width=33, placeholder="int4:asym,block=32,scale=fp16")
        yield Entry("outlier", "outlier", placeholder="none", width=7, step=doubled)
        yield Choice("keep", "apart", edit.KEEP)
    with FieldRow(classes="fields"):
        yield Choice("show", "View", tuple(VIEWS), titles=tuple(VIEWS.values()))
        yield Choice("tensor", "tensor", ("",), titles=("the first matrix",))
        yield Entry("row", "row", width=6, step=counted)
        yield Entry("net", "layers", width=12)
        yield Entry("input", "input", width=7, step=tenth)


def fill(pane: Widget, scenario: QuantizerScenario, scheme: int, tensors: tuple[str, ...]) -> None:
    """Bring the fields of `pane` in line with `scenario`, those of scheme `scheme`; hide what means nothing now."""
    kind = edit.kind_of(scenario)
    drawn = kind not in ("essay", "typed", "file")
    letters = tuple(LETTERS[: len(scenario.format)])
    choice(pane, "kind").value = kind
    choice(pane, "scheme").set_options(letters)
    choice(pane, "scheme").value = letters[scheme]
    choice(pane, "keep").value = str(scenario.keep)
    choice(pane, "show").value = scenario.show
    tensor = choice(pane, "tensor")
    tensor.set_options(("", *tensors), ("the first matrix", *tensors))
    tensor.value = scenario.tensor
    if tensor.display != (kind == "file" and len(tensors) > 1):
        tensor.display = not tensor.display
    texts: dict[str, tuple[str, bool]] = {
        "text": (typed(scenario), not drawn),
        "size": (str(scenario.size), drawn),
        "spread": (f"{scenario.spread:g}", drawn),
        "seed": (str(scenario.seed), drawn),
        "strength": (f"{scenario.strength:g}", drawn and distribution(kind).uses_strength),
        "format": (scenario.format[scheme], True),
        "outlier": ("" if scenario.outlier is None else f"{scenario.outlier:g}", True),
        "row": ("" if scenario.row is None else str(scenario.row), kind == "file"),
        "net": (scenario.net, scenario.show == "net"),
        "input": (f"{scenario.input:g}", scenario.show == "net"),
    }
    for name, (text, visible) in texts.items():
        field = entry(pane, name)
        field.fill(text)
        if field.display != visible:
            field.display = visible


def change_of(scenario: QuantizerScenario, scheme: int, name: str, text: str) -> dict[str, Any]:
    """What the field `name`, set to `text`, changes. Raises ValueError for what can't be used."""
    read: dict[str, Callable[[], dict[str, Any]]] = {
        "kind": lambda: edit.with_kind(scenario, text),
        "text": lambda: edit.with_text(text),
        "format": lambda: edit.with_format(scenario, scheme, checked(text)),
        "outlier": lambda: {"outlier": number(text) if text.strip() else None},
        "row": lambda: {"row": whole(text) if text.strip() else None},
        "size": lambda: {"size": whole(text)},
        "seed": lambda: {"seed": whole(text)},
        "keep": lambda: {"keep": whole(text)},
        "spread": lambda: {"spread": number(text)},
        "strength": lambda: {"strength": number(text)},
        "input": lambda: {"input": number(text)},
    }
    return read.get(name, lambda: {name: text})()


def choice(pane: Widget, name: str) -> Choice:
    """The choice called `name`."""
    return pane.query_one(f"#field-{name}", Choice)


def entry(pane: Widget, name: str) -> Entry:
    """The entry called `name`."""
    return pane.query_one(f"#field-{name}", Entry)


def kind_title(kind: str) -> str:
    return {"essay": "The essay's six", "typed": "Typed", "file": "A file"}.get(kind) or distribution(kind).title


def typed(scenario: QuantizerScenario) -> str:
    """The numbers or the path, as the person would type them."""
    return scenario.source or " ".join(scenario.values) or " ".join(f"{value:g}" for value in ESSAY)


def checked(spec: str) -> str:
    """`spec`, which get_format knows; ValueError otherwise."""
    if spec.strip():
        get_format(spec)
    return spec


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UserError(f"{text!r} is not a number") from None


def whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UserError(f"{text!r} is not a whole number") from None


def doubled(text: str, by: int) -> str:
    """The number twice as large, or half (by ten: eight times)."""
    value = number(text or "1") * 2.0 ** (by if abs(by) == 1 else 3 * (by > 0) - 3 * (by < 0))
    return f"{min(value, MAX_DRAWN):g}" if "." not in text and value >= 1 else f"{value:.3g}"


def scaled(text: str, by: int) -> str:
    """The next of 1, 2, 5, 10, ... above or below."""
    value = number(text)
    steps = [m * 10.0**e for e in range(-9, 7) for m in (1, 2, 5)]
    beyond = [s for s in steps if (s > value * 1.0001 if by > 0 else s < value / 1.0001)]
    return f"{(beyond[0] if by > 0 else beyond[-1]):g}" if beyond else text


def counted(text: str, by: int) -> str:
    return str(max(0, whole(text or "0") + by))


def tenth(text: str, by: int) -> str:
    return f"{number(text) + by * 0.1:.6g}"
