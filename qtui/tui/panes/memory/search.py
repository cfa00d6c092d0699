"""A dialog that finds a model of the catalogue as one types, and takes a path or a count as well."""

from __future__ import annotations

from textual.widgets import Input

from qtui.compute.cache import Cache
from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.text import short_name
from qtui.draw.units import short_count, tokens_text
from qtui.error import QtuiError
from qtui.models.catalogue.records import Catalogue, KnownModel, models_listed
from qtui.models.catalogue.resolve import count
from qtui.models.machine.list import MACHINES
from qtui.models.machine.named import named
from qtui.scenario.memory.choices import about_fits
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.tui.widgets.picker import Picker

NAME, SHORT = 34, 30  # cells of a model's name, and where many stand beside each other


_TITLES: Cache[tuple[tuple[str, int, str], ...]] = Cache(2)


def model_titles(glyphs: Glyphs) -> tuple[tuple[str, int, str], ...]:
    """Of all models the id, the parameters, and what the list says: name, parameters, context."""

    def title(model: KnownModel) -> str:
        context = tokens_text(model.context) if model.context else ""
        name = short_name(model.name, NAME, glyphs)
        return f"{name:<{NAME}} {short_count(model.parameters):>7} {context:>5}"

    listed = models_listed()
    return _TITLES.get(glyphs, lambda: tuple((model.name, model.parameters, title(model)) for model in listed))


def known_names(scenario: MemoryScenario, glyphs: Glyphs) -> tuple[str, list[str]]:
    """What may have been meant, under its heading: machines where that of `scenario` is unknown, else models."""
    try:
        named(scenario.machine or MACHINES[0].name)
    except QtuiError:
        return "Machines by name", [machine.name for machine in MACHINES]
    return "Models of the catalogue", [short_name(model, SHORT, glyphs) for model in Catalogue().ids]


class ModelSearch(Picker):
    """Returns an id of the catalogue, or what was typed where that is a path, a count or a list of models."""

    PLACEHOLDER = "qwen3 8b, 80B, a path, or hub:org/repo"

    def __init__(self, value: str, limit: int, glyphs: Glyphs) -> None:
        """Models that about fit `limit` bytes in 4 bits a weight are marked."""
        self._catalogue: Catalogue | None = None  # once something is typed
        self._by_id = {
            name: f"{title} {glyphs.yes}" if about_fits(parameters, limit) else title.rstrip()
            for name, parameters, title in model_titles(glyphs)
        }
        hint = f"{glyphs.yes} about fits here in 4 bits"
        super().__init__("Model", list(self._by_id), list(self._by_id.values()), value, hint=hint)

    def matches(self, typed: str) -> tuple[tuple[str, str], ...]:
        """What the typed words can mean, nearest first."""
        typed = typed.strip()
        if not typed:
            return self._rows
        self._catalogue = self._catalogue or Catalogue()
        hits = self._catalogue.search(typed, typing=True)
        return tuple((hit, self._by_id[hit]) for hit in hits)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the marked model; what was typed where it is something else."""
        event.prevent_default()
        typed = event.value.strip()
        other = typed and (not self._shown or count(typed) is not None or "," in typed or "/" in typed)
        self.dismiss(
            typed if other and typed not in self._by_id else self._shown[self._at][0] if self._shown else None
        )
