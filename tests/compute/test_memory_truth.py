"""The arithmetic against llama.cpp's own logs: cache, state and weights to the printed precision, buffers to 10 %."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from memory_rows import catalogued, computed

from qtui.compute.memory.arch import mtp_tensors, text_tensors
from qtui.compute.memory.buffers import compute_term
from qtui.compute.memory.cache import Use
from qtui.compute.memory.weights import BLOCK_FP8, native_kind, stored_bytes, weigh
from qtui.models.catalogue import Catalogue

ROWS = json.loads((Path(__file__).parents[1] / "data" / "memory_truth.json").read_text())


KINDS = (
    *("weights", "kv_cache", "kv_cache_global", "kv_cache_swa", "kv_cache_mtp_draft", "kv_cache_vllm"),
    *("recurrent_state", "compute_buffer_cpu", "total_device"),
)


def name(row: dict[str, Any]) -> str:
    return f"{row['model']}-{row['what']}-{row['quant'] or ''}{row['ctx'] or ''}{row['kv_dtype'] or ''}"


def allowed(row: dict[str, Any]) -> int:
    """The log's precision; for the compute buffer, an estimate, a tenth."""
    if row["what"] == "total_device":
        return row["tol_bytes"] + 32_000_000  # its compute buffer of 320 MB is an estimate
    return row["value_bytes"] // 10 if row["what"].startswith("compute") else row["tol_bytes"]


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_a_measured_row(row: dict[str, Any]) -> None:
    record = catalogued(row)
    assert record is not None
    assert abs(computed(row, record["arch"], record["dtype"]) - row["value_bytes"]) <= allowed(row)


def test_every_measured_row(reference: Callable[[str], Path]) -> None:
    rows = json.loads(reference("facts/memory_truth.json").read_text())
    wrong, tried = [], 0
    for row in rows:
        # Files of other quantizers ("UD-", ollama's own mix) aren't llama.cpp's mixes.
        plain = not any(mark in f"{row['model']} {row['quant']}" for mark in ("UD-", "ollama", "class", "openbuddy"))
        record = catalogued(row) if row["what"] in KINDS and plain else None
        if record is None:
            continue
        tried += 1
        found = computed(row, record["arch"], record["dtype"])
        if abs(found - row["value_bytes"]) > allowed(row):
            wrong.append(f"{name(row)}: {found} instead of {row['value_bytes']}")
    assert tried > 430
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("model", "size"), [("gpt-oss-20b", 13_761_264_768), ("gpt-oss-120b", 65_248_815_744)])
def test_a_checkpoint_with_packed_experts_to_the_byte(model: str, size: int) -> None:
    record = Catalogue().find(model)
    assert weigh(record["arch"], "native", record["dtype"]).bytes == size == record["file_bytes"]


@pytest.mark.parametrize("model", ["DeepSeek-V3", "MiniMax-M2.5"])
def test_the_scales_of_a_block_fp8_checkpoint(model: str) -> None:
    record = Catalogue().find(model)
    arch = record["arch"]
    scales = 0
    for tensor in [*(tensor for _, tensor in text_tensors(arch)), *mtp_tensors(arch)]:
        kind = native_kind(record["dtype"], tensor)
        if kind == BLOCK_FP8:
            scales += (stored_bytes(kind, tensor.shape) - tensor.size) // 4
    assert scales == sum(record["checkpoint_only"].values())


def test_compute_buffers_that_llama_cpp_reports() -> None:
    """Rows of (model, context, flash attention, ubatch, MiB), asked of llama.cpp with models without weights."""
    rows = json.loads((Path(__file__).parents[1] / "data" / "llama_buffers.json").read_text())
    off = []
    for model, context, flash, ubatch, mib in rows:
        use = Use(context=context, flash=flash, ubatch=ubatch)
        off.append(abs(compute_term(Catalogue().find(model)["arch"], use).bytes / (mib * 1048576) - 1))
    assert sum(error <= 0.1 for error in off) >= 0.96 * len(off)
    assert max(off) < 0.21
    assert sorted(off)[len(off) // 2] < 0.005
