"""Rows of measured memory (llama.cpp's own logs), and how each is asked of the arithmetic."""

from typing import Any

from qtui.compute.memory.arch import Record
from qtui.compute.memory.buffers import compute_term
from qtui.compute.memory.cache import Use, kv_terms, state_terms
from qtui.compute.memory.weights import weigh
from qtui.models.catalogue import Catalogue

# Models of the rows that the catalogue calls otherwise.
NAMES = {
    "DeepSeek-V3-R1": "DeepSeek-R1",
    "DeepSeek-R1-671B": "DeepSeek-R1",
    "DeepSeek-V3.1": "DeepSeek-V3",
    "Qwen3.6-27B (qwen35 arch)": "Qwen3.6-27B",
    "Qwen3.5-9B (ornith:9b)": "Qwen3.5-9B",
    "Mistral-7B": "Mistral-7B-Instruct-v0.3",
    "Llama-3.x-70B": "Llama-3.3-70B",
}


def catalogued(row: dict[str, Any]) -> dict[str, Any] | None:
    """The catalogue's record of the row's model, or None where it has none."""
    try:
        return Catalogue().find(NAMES.get(row["model"], row["model"]))
    except ValueError:
        return None


def use_of(row: dict[str, Any]) -> Use:
    """How the row's run was started."""
    note = (row["note"] or "").lower()
    k, _, v = (row["kv_dtype"] or "f16").partition("/")
    ubatch = note.partition("ubatch ")[2].partition(",")[0].split(";")[0]
    return Use(
        context=row["ctx"] or 4096,
        k_type=k,
        v_type=v or k,
        sequences=4 if "np=4" in note or "4 seq" in note else 1,
        swa_full="--swa-full" in note,
        flash="fa off" not in note,
        ubatch=int(ubatch) if ubatch.isdigit() else 512,
        rollback=3 if "(1+3" in note else 6 if "(1+6" in note else 0,
    )


def computed(row: dict[str, Any], arch: Record, dtype: str) -> int:
    """What the arithmetic gives for the row."""
    use = use_of(row)
    if row["what"] == "weights":
        return weigh(arch, row["quant"], dtype).bytes
    if row["what"] == "kv_cache":
        return sum(term.bytes for term in kv_terms(arch, use))
    if row["what"] == "recurrent_state":
        return sum(term.bytes for term in state_terms(arch, use))
    return compute_term(arch, use).bytes
