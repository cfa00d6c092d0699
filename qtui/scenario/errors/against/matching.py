"""Which tensors of two files are the same, whatever each file calls them: GGUF's names, or Hugging Face's."""

from __future__ import annotations

from dataclasses import dataclass

from qtui.models.files.model_file import ModelFile, Tensor
from qtui.models.lm.checkpoint import OTHER_PARTS, gguf_name_in
from qtui.models.lm.families import FAMILIES, Family
from qtui.models.quantized.checkpoint import config_of
from qtui.models.tensors.names import natural
from qtui.models.tensors.roles import gguf_name
from qtui.scenario.errors.against.result import UnmatchedTensor
from qtui.scenario.errors.file import unreadable

Tensors = tuple[Tensor, ...]


@dataclass(frozen=True)
class Match:
    """Tensors of the file and of the reference that hold the same weights; several of them are stacked experts."""

    name: str
    file: Tensors
    reference: Tensors


def family_of(model: ModelFile) -> Family | None:
    """The family of the model, None where nothing says one that is known."""
    if model.kind == "gguf":
        kind = str(model.metadata.get("general.architecture"))
    else:
        kind = str(config_of(model).get("model_type"))
    return next((family for family in FAMILIES if kind in (family.gguf, *family.model_types)), None)


def matched(
    file: ModelFile, reference: ModelFile, family: Family | None
) -> tuple[tuple[Match, ...], tuple[UnmatchedTensor, ...]]:
    """The pairs in the order of the file, and what is left over of both."""
    ours, theirs = _by_name(file, family), _by_name(reference, family)
    matches: list[Match] = []
    unmatched: list[UnmatchedTensor] = []
    for name, tensors in ours.items():
        others = theirs.pop(name, ())
        why = _apart(tensors, others)
        if not why:
            matches.append(Match(tensors[0].name if len(tensors) == 1 else name, tensors, others))
            continue
        unmatched += (UnmatchedTensor(tensor.name, False, why) for tensor in tensors)
        unmatched += (UnmatchedTensor(tensor.name, True, why) for tensor in others)
    missing = "the file has no such tensor"
    unmatched += (UnmatchedTensor(t.name, True, missing) for tensors in theirs.values() for t in tensors)
    return tuple(matches), tuple(unmatched)


def _by_name(model: ModelFile, family: Family | None) -> dict[str, Tensors]:
    """Tensors by GGUF's names; the experts of a layer, which checkpoints store one by one, go together."""
    by_name: dict[str, list[Tensor]] = {}
    for tensor in model.tensors:
        by_name.setdefault(_name(tensor, family), []).append(tensor)
    return {name: tuple(sorted(tensors, key=lambda t: natural(t.name))) for name, tensors in by_name.items()}


def _name(tensor: Tensor, family: Family | None) -> str:
    name = tensor.name
    if any(part in name for part in OTHER_PARTS):
        return name
    made = gguf_name(name) if family is None else gguf_name_in(name, family)
    return f"{made}.weight" if made.endswith("_exps") else made


def _apart(ours: Tensors, theirs: Tensors) -> str:
    """Why the tensors can't be compared; nothing where they can."""
    if not theirs:
        return "the reference has no such tensor"
    for tensor in (*ours, *theirs):
        problem = unreadable(tensor)
        if problem:
            return problem
    if sum(t.count for t in ours) != sum(t.count for t in theirs) or columns(ours) != columns(theirs):
        return f"shapes differ: {_shapes(ours)} and {_shapes(theirs)}"
    return ""


def columns(tensors: Tensors) -> int:
    """Length of the innermost axis."""
    return tensors[0].shape[-1] if tensors[0].shape else 1


def _shapes(tensors: Tensors) -> str:
    shape = " x ".join(map(str, tensors[0].shape)) or "one number"
    return shape if len(tensors) == 1 else f"{len(tensors)} of {shape}"
