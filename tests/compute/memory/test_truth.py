"""The arithmetic against llama.cpp's own logs: cache, state and weights to the printed precision, buffers to 10 %."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qtui.compute.memory.architecture import mtp_tensors, text_tensors
from qtui.compute.memory.buffers import compute_term
from qtui.compute.memory.estimate import kv_terms, state_terms
from qtui.compute.memory.serving import Serving
from qtui.compute.memory.sizes import BLOCK_FP8, stored_bytes
from qtui.compute.memory.weights import native_kind, weigh
from qtui.models.catalogue.records import Catalogue
from tests.support import DATA
from tests.support.memory_rows import catalogued, computed

ROWS = json.loads((DATA / "memory_truth.json").read_text())


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
    assert abs(computed(row, record.arch, record.dtype) - row["value_bytes"]) <= allowed(row)


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
        result = computed(row, record.arch, record.dtype)
        if abs(result - row["value_bytes"]) > allowed(row):
            wrong.append(f"{name(row)}: {result} instead of {row['value_bytes']}")
    assert tried > 430
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("model", "size"), [("gpt-oss-20b", 13_761_264_768), ("gpt-oss-120b", 65_248_815_744)])
def test_a_checkpoint_with_packed_experts_to_the_byte(model: str, size: int) -> None:
    record = Catalogue().find(model)
    assert weigh(record.arch, "native", record.dtype).bytes == size == record.file_bytes


@pytest.mark.parametrize("model", ["DeepSeek-V3", "MiniMax-M2.5"])
def test_the_scales_of_a_block_fp8_checkpoint(model: str) -> None:
    record = Catalogue().find(model)
    arch = record.arch
    scales = 0
    for tensor in [*(tensor for _, tensor in text_tensors(arch)), *mtp_tensors(arch)]:
        kind = native_kind(record.dtype, tensor)
        if kind == BLOCK_FP8:
            scales += (stored_bytes(kind, tensor.shape) - tensor.size) // 4
    assert scales == sum(record.checkpoint_only.values())


Reported = list[tuple[dict[str, Any], Serving, float, float, float]]


@pytest.fixture(scope="module")
def reported() -> Reported:
    """(architecture, use, MiB of cache, of state, of compute buffer) as llama.cpp's CPU backend set them aside.

    Asked with models without weights, made from the catalogue's architectures: all that loaded.
    """
    answer = json.loads((DATA / "llama_memory.json").read_text())
    rows = []
    for model, message in answer["models"].items():
        arch = Catalogue().find(model).arch
        for i, (context, flash, ubatch) in enumerate(answer["setups"]):
            serving = Serving(context=context, flash=flash, ubatch=ubatch)
            rows.append((arch, serving, message["kv"][i], message["state"], message["compute"][i]))
    return rows


def test_caches_and_states_that_llama_cpp_reports(reported: Reported) -> None:
    for arch, serving, kv, state, _ in reported:
        assert sum(term.bytes for term in kv_terms(arch, serving)) / 2**20 == pytest.approx(kv, abs=0.0051)
        assert sum(term.bytes for term in state_terms(arch, serving)) / 2**20 == pytest.approx(state, abs=0.0051)


def test_compute_buffers_that_llama_cpp_reports(reported: Reported) -> None:
    """An estimate: where the packing leaves a gap, up to a quarter more is needed."""
    off = sorted(abs(compute_term(arch, serving).bytes / (mib * 2**20) - 1) for arch, serving, *_, mib in reported)
    within = [sum(error <= share for error in off) / len(off) for share in (0.01, 0.1)]
    assert within[0] >= 0.75 and within[1] >= 0.97 and off[-1] < 0.25
