"""A dialog that finds a model of the catalogue as one types, and takes a path or a count as well."""

from __future__ import annotations

from textual.widgets import Input

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.text import short_name
from qtui.draw.units import short_count, tokens_text
from qtui.models.catalogue.records import Catalogue, models_listed
from qtui.models.catalogue.resolve import count
from qtui.scenario.memory.choices import about_fits
from qtui.tui.widgets.picker import Picker

NAME = 34  # cells of a model's name


def model_titles(limit: int, glyphs: Glyphs) -> tuple[list[str], list[str]]:
    """Ids of all models, and what the list says of each: name, parameters, context, and a mark if it about fits."""
    ids, titles = [], []
    for model in models_listed():
        name = short_name(model.name, NAME, glyphs)
        context = tokens_text(model.context) if model.context else ""
        ids.append(model.name)
        fits = glyphs.yes if about_fits(model.parameters, limit) else ""
        titles.append(f"{name:<{NAME}} {short_count(model.parameters):>7} {context:>5} {fits}".rstrip())
    return ids, titles


class ModelSearch(Picker):
    """Returns an id of the catalogue, or what was typed where that is a path, a count or a list of models."""

    PLACEHOLDER = "qwen3 8b, 80B, a path, or hub:org/repo"

    def __init__(self, value: str, limit: int, glyphs: Glyphs) -> None:
        """Models that about fit `limit` bytes in 4 bits a weight are marked."""
        self._catalogue = Catalogue()
        ids, titles = model_titles(limit, glyphs)
        super().__init__("Model", ids, titles, value, hint=f"{glyphs.yes} about fits here in 4 bits")
        self._by_id = dict(zip(ids, titles, strict=True))

    def matches(self, typed: str) -> tuple[tuple[str, str], ...]:
        """What the typed words can mean, nearest first."""
        typed = typed.strip()
        hits = self._catalogue.search(typed, typing=True) if typed else self._by_id
        return tuple((hit, self._by_id[hit]) for hit in hits)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the marked model; what was typed where it is something else."""
        event.prevent_default()
        typed = event.value.strip()
        other = typed and (not self._shown or count(typed) is not None or "," in typed or "/" in typed)
        self.dismiss(
            typed if other and typed not in self._by_id else self._shown[self._at][0] if self._shown else None
        )
