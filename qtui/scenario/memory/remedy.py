"""What the next step is: the smallest change that makes a model fit, or the better format that there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from qtui.scenario.memory.result import MemoryResult, Row

# What each engine's models are usually quantized to: the format that a smaller model is thought of in.
USUAL = {"llama.cpp": "Q4_K_M", "vllm": "nvfp4", "mlx": "int4:asym,block=64,scale=fp16"}


class Remedy(NamedTuple):
    """The next step.

    "format": `format` holds the most bits that fit at this context. "context": `format` fits with `context` tokens,
    no more. "split": part of `format`, with `context` tokens unless it is 0, runs on the card and the rest in RAM.
    "model": even `format`, the smallest, is too large; models of about `parameters` fit in `usual`. With `format`,
    `total` bytes are taken and `spare` are left.
    """

    kind: Literal["format", "context", "split", "model"]
    format: str
    context: int
    total: int
    spare: int
    usual: str = ""
    parameters: int = 0

    @property
    def change(self) -> dict[str, Any]:
        """What to change of the Scenario; nothing where another model is needed."""
        if self.kind == "model":
            return {}
        return {"format": self.format} | ({"ctx": self.context} if self.context else {})


def about_fits(parameters: int, limit: int) -> bool:
    """Whether so many parameters have room in `limit` bytes in about 4 bits a weight: 5 with what is beside them."""
    return parameters * 5 <= limit * 8


def next_step(result: MemoryResult) -> Remedy | None:
    """The next step for one model, None where it has the best format already or a comparison is on show."""
    if result.others:
        return None
    best = result.best_format
    if best is not None:
        return None if best == result.spec else _to(result, "format", best)
    shared = [row for row in result.grid if row.cells[result.contexts.index(result.use.context)].split]
    if shared:
        row = max(shared, key=lambda each: each.bits)
        return None if result.split else _to(result, "split", row.format)
    room = [row for row in result.grid if row.largest]
    if room:
        row = next((each for each in room if each.format == result.spec), max(room, key=lambda each: each.bits))
        context = row.largest // 1024 * 1024 or row.largest
        return _to(result, "context", row.format, context)
    cells = [(cell.context, row.bits, row.format) for row in result.grid for cell in row.cells if cell.split]
    if cells:
        context, _, spec = max(cells)
        return _to(result, "split", spec, context)
    return _smaller_model(result)


def _to(result: MemoryResult, kind: Literal["format", "context", "split"], spec: str, context: int = 0) -> Remedy:
    """The step to another format or context."""
    need = result.at(spec, context or None).need()
    return Remedy(kind, spec, context, need.total, need.spare(result.budget))


def _smaller_model(result: MemoryResult) -> Remedy:
    smallest = min(result.grid, key=lambda row: row.bits)
    usual = _row(result, USUAL[result.use.engine]) or smallest
    running = result.need().total - result.weights.bytes
    parameters = max(0, result.budget.limit - running) * 8 / usual.bits
    need = result.at(smallest.format).need()
    return Remedy("model", smallest.format, 0, need.total, need.spare(result.budget), usual.format, int(parameters))


def _row(result: MemoryResult, spec: str) -> Row | None:
    return next((row for row in result.grid if row.format == spec), None)
