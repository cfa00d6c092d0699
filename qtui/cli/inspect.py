"""`qtui inspect`: what is inside a model file, from its header alone."""

from __future__ import annotations

import os
from typing import Any

from qtui.draw.glyphs import Glyphs
from qtui.draw.model_file import dtype_table, metadata_table, size_text, tensor_table, totals
from qtui.draw.picture import Picture, line
from qtui.draw.units import short_count
from qtui.models.files import ModelFile
from qtui.models.gguf_metadata import LazyArray
from qtui.models.names import grouped
from qtui.scenario.inspect import InspectResult, InspectScenario, solve

__all__ = ["EPILOG", "SCENARIO", "json_object", "picture", "solve"]

SCENARIO = InspectScenario
EPILOG = """examples:
  qtui inspect model.gguf                      totals, metadata, tensors by layer pattern
  qtui inspect model.gguf --find "attn v"      only these tensors
  qtui inspect ./model-directory --sort size --each
  qtui inspect model.safetensors --json
  qtui inspect --hub org/repo:file.gguf        headers of a repository (pip install 'qtui[hub]')"""

_KINDS = {"gguf": "GGUF", "safetensors": "safetensors", "config": "config.json, no weights", "npy": "numpy array"}
_JSON_ITEMS = 16  # items of a long array that are shown; a tokenizer has hundreds of thousands
_SHORT, _LONG = 4, 64
_LINES = 12  # of one metadata value, when the metadata is shown alone


def json_object(result: InspectResult) -> dict[str, Any]:
    """The header; a long array is given by its type, count and first items."""
    model = result.model
    return {
        "path": model.path,
        "kind": model.kind,
        "files": list(model.paths),
        "parameters": model.parameters,
        "bytes": model.nbytes,
        "metadata": {key: _json_value(value) for key, value in model.metadata.items()},
        "tensors": [
            {
                "name": tensor.name,
                "shape": list(tensor.shape),
                "dtype": tensor.dtype,
                "format": tensor.format,
                "offset": tensor.offset,
                "bytes": tensor.nbytes,
                "file": os.path.basename(tensor.path),
            }
            for tensor in result.tensors
        ],
    }


def _json_value(value: Any) -> Any:
    if not isinstance(value, LazyArray):
        return value
    if len(value) <= _LONG:
        return value.values()
    return {"array_of": value.of, "count": len(value), "first": value.first(_JSON_ITEMS)}


def picture(result: InspectResult, width: int, glyphs: Glyphs) -> Picture:
    """Totals, dtypes, metadata and tensors; or the metadata alone."""
    model = result.model
    rows = list(totals(_facts(model), width, glyphs))
    if model.metadata:
        rows += [line(), line((f"metadata, {len(model.metadata)} key{'s' * (len(model.metadata) != 1)}", "strong"))]
        long = result.scenario.metadata
        shown = {key: _elided(value, _LONG if long else _SHORT, glyphs) for key, value in model.metadata.items()}
        rows += metadata_table(shown, width, glyphs, _LINES if long else 1)
    if result.scenario.metadata or not model.tensors:
        return (*rows, line())
    rows += [line(), *dtype_table(result.dtypes, width, glyphs), line()]
    tensors = [(tensor.name, tensor, 1) for tensor in result.tensors]
    if not result.scenario.each:
        groups = grouped(result.tensors)
        tensors = [(group.pattern, group.tensors[0], len(group.tensors)) for group in groups]
    rows += tensor_table(tensors, model.nbytes, width, glyphs, tree=result.scenario.sort == "file")
    return (*rows, line())


def _facts(model: ModelFile) -> list[tuple[str, str]]:
    files = f", {len(model.paths)} files" if len(model.paths) > 1 else ""
    facts = [("file", model.path), ("kind", _KINDS[model.kind] + files)]
    if model.tensors:
        facts.append(("parameters", f"{model.parameters:,} ({short_count(model.parameters)})"))
        facts.append(("tensors", f"{len(model.tensors):,}, {size_text(model.nbytes, model.parameters)}"))
    return facts


def _elided(value: Any, items: int, glyphs: Glyphs) -> Any:
    """A LazyArray as its length and first items in words; anything else as it is."""
    if not isinstance(value, LazyArray):
        return value
    words = [
        f'"{item}"' if isinstance(item, str) else f"{item:g}" if isinstance(item, float) else str(item)
        for item in value.first(items)
    ]
    more = f", {glyphs.ellipsis}" if len(value) > items else ""
    return f"{len(value):,} of {value.of}: {', '.join(words)}{more}"
