"""A plan in llama-quantize's words: lines NAME=TYPE for --tensor-type-file, and the whole command.

As tools/quantize/quantize.cpp and src/llama-quant.cpp read them (October 2026): names are regular expressions in
lower case, searched for in the order of the file, the first that matches counts; lines are parted by white space, and
there are no comments. They are followed only where the base type is a quantized one.
"""

from __future__ import annotations

import os
import re
from collections import Counter

from qtui.scenario.base import UserError, shell_command
from qtui.scenario.plan.result import PlanResult

# The mix to name as the base: its default type is the one that most weights get.
_BASES = {
    "Q2_K": "Q2_K",
    "Q3_K": "Q3_K_M",
    "Q4_K": "Q4_K_M",
    "Q5_K": "Q5_K_M",
    "Q6_K": "Q6_K",
    "Q8_0": "Q8_0",
    "IQ4_XS": "IQ4_XS",
    "IQ4_NL": "IQ4_NL",
    "Q4_0": "Q4_0",
    "Q4_1": "Q4_1",
    "Q5_0": "Q5_0",
    "Q5_1": "Q5_1",
}


def type_lines(result: PlanResult) -> list[str]:
    """One line for each tensor: an anchored pattern and its type."""
    return [
        f"^{_pattern(part.name.lower())}$={option.format}"
        for part, option in zip(result.parts, result.chosen, strict=True)
    ]


def file_of_types(result: PlanResult) -> str:
    """The text of a file of these lines. Raises UserError for names that llama-quantize could not read from it."""
    text = "".join(f"{row}\n" for row in type_lines(result))
    if not text.isascii():
        raise UserError("a tensor has a name that is not ASCII, which llama-quantize's files of types can't say")
    return text


def _pattern(name: str) -> str:
    """A regular expression that matches `name`, without white space."""
    name = re.sub(r"([.^$|?*+()\[\]{}\\])", r"\\\1", name)
    return re.sub(r"[\x00- \x7f]", lambda match: f"\\x{ord(match[0]):02x}", name)


def base_type(result: PlanResult) -> str:
    """The mix under which llama-quantize is to run."""
    counts: Counter[str] = Counter()
    for part, option in zip(result.parts, result.chosen, strict=True):
        counts[option.format] += part.weights
    return next((_BASES[kind] for kind, _ in counts.most_common() if kind in _BASES), "Q8_0")


def commands(result: PlanResult, file: str) -> list[str]:
    """The shell commands that make the planned file, given the file of type lines."""
    source = result.model.path
    stem = os.path.basename(os.path.normpath(source))
    for ending in (".gguf", ".safetensors", ".index.json"):
        stem = stem.removesuffix(ending)
    lines = []
    if result.model.kind != "gguf":
        folder = source if os.path.isdir(source) else os.path.dirname(source) or "."
        stem = os.path.basename(os.path.abspath(folder)) if stem.startswith("model") else stem
        source = f"{stem}-bf16.gguf"
        lines.append(
            shell_command(["python", "convert_hf_to_gguf.py", folder, "--outtype", "bf16", "--outfile", source])
        )
    command = ["llama-quantize"]
    if result.quantized:
        command.append("--allow-requantize")
    if result.scenario.imatrix:
        command += ["--imatrix", result.scenario.imatrix]
    command += ["--tensor-type-file", file, source, f"{stem}-plan.gguf", base_type(result)]
    return [*lines, shell_command(command)]


def types_file(result: PlanResult) -> str:
    """The file of type lines: the one that was asked for, or a name for one."""
    return result.scenario.out or default_file(result)


def default_file(result: PlanResult) -> str:
    """A name for the file of type lines, in the working directory."""
    stem = os.path.basename(os.path.normpath(result.model.path)).rpartition(".")[0] or "model"
    return f"{stem}.types.txt"
