"""What is inside a model file: its header, read without touching a weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qtui.models.architecture import FileArchitecture
from qtui.models.files.model_file import ModelFile, Tensor
from qtui.models.files.source import ModelFileError
from qtui.models.gguf.metadata import LazyArray
from qtui.scenario.base import Scenario, UserError, argument, option
from qtui.scenario.progress import Progress

SORTS = ("file", "name", "size")


@dataclass(frozen=True, repr=False, eq=False)
class InspectScenario(Scenario):
    """Which file, which of its tensors, in which order, and how they are shown."""

    command = "inspect"
    file: str = argument("", "a GGUF, safetensors, config.json or .npy file, or a directory", metavar="FILE")
    hub: str = option(
        "", "instead of a file: a Hugging Face repository, org/repo or org/repo:file.gguf", metavar="REPO"
    )
    find: str = option("", "only tensors whose name matches these words or letters", metavar="WORDS")
    sort: str = option("file", "order of the tensors", choices=SORTS)
    each: bool = option(False, "list every tensor; else those that repeat in each layer share a row")
    metadata: bool = option(False, "show the metadata alone, long texts and arrays opened further")


@dataclass(frozen=True)
class InspectResult:
    """A model's header, and those of its tensors that were asked for, in the order asked for.

    `architecture` is None where nothing says what the model is, or what says it can't be used; `doubts` say why.
    """

    scenario: InspectScenario
    model: ModelFile
    tensors: tuple[Tensor, ...]
    architecture: FileArchitecture | None = None
    doubts: tuple[str, ...] = ()

    @property
    def dtypes(self) -> tuple[tuple[str, int, int, int], ...]:
        """(dtype, tensors, values, bytes) for each dtype of the whole model, the largest first."""
        sums: dict[str, tuple[int, int, int]] = {}
        for tensor in self.model.tensors:
            number, count, size = sums.get(tensor.dtype, (0, 0, 0))
            sums[tensor.dtype] = (number + 1, count + tensor.count, size + tensor.nbytes)
        return tuple((name, *sums[name]) for name in sorted(sums, key=lambda name: -sums[name][2]))


def solve(scenario: InspectScenario, progress: Progress | None = None) -> InspectResult:
    """The header of the file. Raises ModelFileError or UserError with what is wrong and what to do."""
    model = _opened(scenario)
    found, doubts = _architecture(model)
    return InspectResult(scenario, model, _chosen(scenario, model), found, doubts)


def _architecture(model: ModelFile) -> tuple[FileArchitecture | None, tuple[str, ...]]:
    from qtui.models.files.architecture import read_architecture

    try:
        found = read_architecture(model)
    except ModelFileError as error:
        return None, (str(error),)
    return found, found.doubts if found else ()


def _opened(scenario: InspectScenario) -> ModelFile:
    if scenario.file and scenario.hub:
        raise UserError("inspect takes a file or --hub, not both; leave one out")
    if scenario.hub:
        from qtui.models.hub.repository import open_hub

        return open_hub(scenario.hub)
    if not scenario.file:
        raise UserError("inspect needs a model file or directory; try `qtui inspect model.gguf`")
    from qtui.models.files.open import open_model

    return open_model(scenario.file)


def _chosen(scenario: InspectScenario, model: ModelFile) -> tuple[Tensor, ...]:
    from qtui.models.tensors.names import find, natural

    tensors = list(model.tensors)
    if scenario.find:
        by_name = {tensor.name: tensor for tensor in tensors}
        tensors = [by_name[name] for name in find(scenario.find, by_name)]
        if not tensors:
            raise UserError(f"no tensor's name matches {scenario.find!r}; `qtui inspect --each` lists them all")
    if scenario.sort == "name":
        tensors.sort(key=lambda tensor: natural(tensor.name))
    elif scenario.sort == "size":
        tensors.sort(key=lambda tensor: -tensor.nbytes)
    return tuple(tensors)


def elided(value: Any, items: int, ellipsis: str) -> Any:
    """A metadata value that is a long array as its length and first items in words; anything else as it is."""
    if not isinstance(value, LazyArray):
        return value
    words = [
        f'"{item}"' if isinstance(item, str) else f"{item:g}" if isinstance(item, float) else str(item)
        for item in value.first(items)
    ]
    more = f", {ellipsis}" if len(value) > items else ""
    return f"{len(value):,} of {value.of}: {', '.join(words)}{more}"
