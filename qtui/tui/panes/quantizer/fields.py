"""The Quantizer pane's fields: three rows of them, and what they show."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widget import Widget

from qtui.compute.distributions import distribution
from qtui.draw.quantizer.parts import LETTERS
from qtui.scenario.quantizer import edit
from qtui.scenario.quantizer.data import kind_of
from qtui.scenario.quantizer.entries import counted, doubled, scaled, tenth, typed
from qtui.scenario.quantizer.scenario import QuantizerScenario
from qtui.tui.widgets.entry import Entry
from qtui.tui.widgets.fields import Choice, FieldRow
from qtui.tui.widgets.paths import PathSuggester

NEEDS = {"seed": 66, "strength": 78}  # cells of a window in which these have room


def rows() -> ComposeResult:
    """Numbers, scheme, and what only some numbers or views have: a row for each."""
    with FieldRow():
        yield Choice("kind", "Numbers", edit.KINDS, titles=[kind_title(kind) for kind in edit.KINDS])
        files = PathSuggester(bare=False)
        yield Entry("text", "", placeholder="-0.89 0.16 ... or a file", width=40, suggester=files)
        yield Entry("size", "size", width=7, step=doubled)
        yield Entry("spread", "spread", width=7, step=scaled)
        yield Entry("seed", "seed", width=5, step=counted)
        yield Entry("strength", "outliers", width=6, step=doubled)
    with FieldRow():
        yield Choice("scheme", "Scheme", LETTERS[:1])
        yield Entry("format", "", width=33, placeholder="int4:asym,block=32,scale=fp16")
        yield Entry("outlier", "outlier", placeholder="none", width=7, step=doubled)
        yield Choice("keep", "apart", edit.KEEP)
    with FieldRow(id="more-fields"):
        yield Choice("tensor", "tensor", ("",), titles=("the first matrix",))
        yield Entry("row", "row", width=6, step=counted)
        yield Entry("net", "layers", width=12)
        yield Entry("input", "input", width=7, step=tenth)


def fill(pane: Widget, scenario: QuantizerScenario, scheme: int, tensors: tuple[str, ...]) -> None:
    """Bring the fields of `pane` in line with `scenario`, those of scheme `scheme`; hide what means nothing now."""
    kind = kind_of(scenario)
    drawn = kind not in ("essay", "typed", "file")
    letters = tuple(LETTERS[: len(scenario.format)])
    choice(pane, "kind").value = kind
    choice(pane, "scheme").set_options(letters)
    choice(pane, "scheme").value = letters[scheme]
    choice(pane, "keep").value = str(scenario.keep)
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
        "net": (scenario.net, scenario.view == "net"),
        "input": (f"{scenario.input:g}", scenario.view == "net"),
    }
    for name, (text, visible) in texts.items():
        field = entry(pane, name)
        field.fill(text)
        visible = visible and pane.size.width >= NEEDS.get(name, 0)
        if field.display != visible:
            field.display = visible
    more = pane.query_one("#more-fields")
    visible = any(child.display for child in more.children)
    if more.display != visible:
        more.display = visible


def choice(pane: Widget, name: str) -> Choice:
    """The choice called `name`."""
    return pane.query_one(f"#field-{name}", Choice)


def entry(pane: Widget, name: str) -> Entry:
    """The entry called `name`."""
    return pane.query_one(f"#field-{name}", Entry)


def kind_title(kind: str) -> str:
    """The title of a kind of numbers."""
    return {"essay": "The essay's six", "typed": "Typed", "file": "A file"}.get(kind) or distribution(kind).title
