"""`qtui inspect`: what is inside a model file, from its header alone."""

from __future__ import annotations

import os
from typing import Any

from qtui.cli.command import Command
from qtui.compute.memory.architecture import Architecture
from qtui.compute.memory.mixers.attention import Attention
from qtui.draw.glyphs import Glyphs
from qtui.draw.inspect import dtype_table, metadata_heading, metadata_table, notes, size_text, tensor_table, totals
from qtui.draw.picture import Picture, line
from qtui.draw.units import short_count
from qtui.models.catalogue.architecture import architecture_record
from qtui.models.files.model_file import ModelFile
from qtui.models.gguf.metadata import LazyArray
from qtui.models.tensors.names import grouped
from qtui.scenario.base import Scenario, UserError
from qtui.scenario.inspect import InspectResult, InspectScenario, elided, solve

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
        "architecture": _architecture_json(result),
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


def _architecture_json(result: InspectResult) -> dict[str, Any] | None:
    found = result.architecture
    if found is None:
        return None
    return {
        "name": found.name,
        "kind": found.kind,
        "context": found.context,
        **architecture_record(found.arch),
        "doubts": list(found.doubts),
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
    rows = list(totals([*_facts(model), *_what_it_is(result, glyphs)], width, glyphs))
    rows += notes(result.doubts, width)
    if model.metadata:
        rows += [line(), metadata_heading(len(model.metadata))]
        long = result.scenario.metadata
        items = _LONG if long else _SHORT
        shown = {key: elided(value, items, glyphs.ellipsis) for key, value in model.metadata.items()}
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


def _what_it_is(result: InspectResult, glyphs: Glyphs) -> list[tuple[str, str]]:
    """The architecture in a few words."""
    found = result.architecture
    rows = [] if found is None else [("layers", _layers(found.arch, glyphs))]
    if found is not None:
        context = f", {found.context:,} tokens of context" if found.context else ""
        rows.insert(0, ("model", f"{found.kind}, {found.arch.hidden_size:,} wide{context}"))
    return rows


def _layers(arch: Architecture, glyphs: Glyphs) -> str:
    """ "48: 36 gated deltanet, 12 attention 16/2 × 256; 48 with 10 of 512 experts"."""
    parts = []
    for mixer in arch.mixers:
        words = mixer.KIND.replace("_", " ")
        if isinstance(mixer, Attention):
            words += f" {mixer.heads}/{mixer.kv_heads} {glyphs.times} {mixer.head_dim}"
            words += f" window {mixer.span:,}" if mixer.span else ""
        parts.append(f"{mixer.layers} {words}")
    experts = [f"{f.layers} with {f.experts_per_token} of {f.experts} experts" for f in arch.ffns if f.experts]
    return "; ".join([f"{arch.num_layers}: {', '.join(parts)}", *experts])


def app_scenario(scenario: InspectScenario) -> Scenario:
    """The Errors pane browsing the same file. Raises UserError for a repository, whose weights are not here."""
    from qtui.scenario.errors.scenario import ErrorsScenario

    if scenario.hub or not scenario.file:
        raise UserError("the app browses files of this machine; give one, as in `qtui inspect model.gguf --tui`")
    return ErrorsScenario(path=scenario.file, view="browse")


COMMAND = Command(
    scenario=InspectScenario,
    epilog=EPILOG,
    solve=solve,
    json_object=json_object,
    picture=picture,
    app_scenario=app_scenario,
)
