"""Rows of measured memory (llama.cpp's own logs), and how each is asked of the arithmetic."""

from typing import Any

from qtui.compute.memory.architecture import Architecture
from qtui.compute.memory.buffers import compute_term
from qtui.compute.memory.estimate import group_kv, kv_terms, state_terms
from qtui.compute.memory.mixers.compressed import CompressedAttention
from qtui.compute.memory.serving import Serving
from qtui.compute.memory.weights import weigh
from qtui.error import QtuiError
from qtui.models.catalogue.records import Catalogue, CatalogueModel

# Models of the rows that the catalogue calls otherwise.
NAMES = {
    "DeepSeek-V3-R1": "DeepSeek-R1",
    "DeepSeek-R1-671B": "DeepSeek-R1",
    "DeepSeek-V3.1": "DeepSeek-V3",
    "Qwen3.6-27B (qwen35 arch)": "Qwen3.6-27B",
    "Qwen3.5-9B (ornith:9b)": "Qwen3.5-9B",
    "Mistral-7B": "Mistral-7B-Instruct-v0.3",
    "Llama-3.x-70B": "Llama-3.3-70B",
    "DeepSeek-V4": "DeepSeek-V4-Flash",
    "Qwen3.6-27B (Qwythos-27B)": "Qwen3.6-27B",
}


def catalogued(row: dict[str, Any]) -> CatalogueModel | None:
    """The catalogue's record of the row's model, or None where it has none."""
    try:
        return Catalogue().find(NAMES.get(row["model"], row["model"]))
    except QtuiError:
        return None


def serving_of(row: dict[str, Any]) -> Serving:
    """How the row's run was started."""
    note = (row["note"] or "").lower()
    k, _, v = (row["kv_dtype"] or "f16").partition("/")
    if row["model"] == "gpt-oss-20b" and "ubatch 128" in note:
        note = "ubatch 128,"
    if "x 4352 cells" in note:
        note = "ubatch 4096,"  # 128 × 1 + 4096, rounded up to 256, are the 4352 cells that the log shows
    if "4 seqs clamps" in note:
        note = "np=4, unified"
    ubatch = note.partition("ubatch ")[2].partition(",")[0].split(";")[0].split(" ")[0]
    return Serving(
        context=row["ctx"] or 4096,
        k_type=k,
        v_type=v or k,
        unified="unified" in note and "non-unified" not in note,
        sequences=4 if "np=4" in note or "4 seq" in note else 1,
        swa_full="--swa-full" in note,
        flash="fa off" not in note,
        ubatch=int(ubatch) if ubatch.isdigit() else 512,
        rollback=3 if "(1+3" in note else 6 if "(1+6" in note else 0,
    )


def computed(row: dict[str, Any], arch: Architecture, dtype: str) -> int:
    """What the arithmetic gives for the row."""
    serving = serving_of(row)
    if row["what"] == "weights":
        return weigh(arch, row["quant"], dtype).bytes
    if row["what"] == "kv_cache":
        return sum(term.bytes for term in kv_terms(arch, serving))
    if row["what"] in ("kv_cache_global", "kv_cache_swa"):
        window = row["what"].endswith("swa")
        groups = [m for m in arch.mixers if bool(m.span) == window]
        terms = [term for m in groups for term in group_kv(arch, m, serving)]
        # DeepSeek-V4's windowed layers keep compressed entries too, in a cache that the log reports apart.
        compressed = isinstance(groups[0], CompressedAttention)
        return sum(term.bytes for term in terms if not compressed or "window" in term.name)
    if row["what"] == "kv_cache_vllm":
        return sum(term.bytes for term in kv_terms(arch, serving._replace(engine="vllm", sequences=32)))
    if row["what"] == "kv_cache_mtp_draft":
        return sum(term.bytes for m in (arch.mtp.mixers if arch.mtp else ()) for term in group_kv(arch, m, serving))
    if row["what"] == "total_device":
        weights = weigh(arch, row["quant"], dtype)
        table = sum(item.bytes for item in weights.stored if item.tensor.part == "embedding")
        cache = sum(term.bytes for term in kv_terms(arch, serving))
        return weights.bytes - table + cache + compute_term(arch, serving).bytes
    if row["what"] == "recurrent_state":
        return sum(term.bytes for term in state_terms(arch, serving))
    return compute_term(arch, serving).bytes
