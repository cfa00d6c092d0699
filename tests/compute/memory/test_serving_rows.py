"""Rows from logs of servers: caches of vLLM, a draft module's, files of other publishers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qtui.compute.memory.estimate import group_kv, kv_terms, state_terms
from qtui.compute.memory.serving import Serving
from qtui.compute.memory.weights import weigh
from qtui.models.catalogue.records import Catalogue
from tests.support import DATA

ROWS = [json.loads(line) for line in (DATA / "memory_rows_2.jsonl").read_text().splitlines()]
NAMES = {
    "Qwen3-235B-A22B (vLLM TP4)": "Qwen3-235B-A22B",
    "Qwen3-Coder-30B-A3B (vLLM)": "Qwen3-Coder-30B-A3B",
    "Llama-4-Scout (vLLM TP8)": "Llama-4-Scout",
    "Qwen3.8-27B + MTP": "Qwen3.8-27B",
    "mistral-small3.1:24b": "Mistral-Small-3.1-24B",
}
# Logs print GiB to two places; vLLM's row is the memory that was free, of which whole blocks are used.
TOLERANCE = {"kv_cache": 0.001, "weights": 0.002, "recurrent_state": 0.003, "kv_cache_vllm": 0.012}
# A publisher's own mix: what llama.cpp's mix of that name takes, which is about as much.
MIXES = {"UD-Q4": ("Q4_K_M", 0.013)}
# Rows that can't be compared, and why.
APART = {
    "Llama-3.1-Nemotron-Ultra-253B": "a searched architecture whose layers all differ; its config is not at hand",
    "27B, 3 cards, layer split": "batch size and draft context are not told; see test_buffers.py for what is counted",
}


def computed(row: dict[str, Any]) -> int:
    record = Catalogue().find(NAMES.get(row["model"], row["model"]))
    arch = record.arch
    if row["what"] in ("weights", "file_size"):
        return weigh(arch, MIXES.get(row["quant"], (row["quant"],))[0], record.dtype).bytes
    kind = {"bf16": "f16", "f32": "f16"}.get(row["kv_type"], row["kv_type"])
    serving = Serving(context=row["ctx"], k_type=kind, v_type=kind)
    if row["what"] == "recurrent_state":
        return sum(term.bytes for term in state_terms(arch, serving._replace(sequences=4, rollback=2)))
    cache = kv_terms(arch, serving._replace(engine="vllm") if "vllm" in row["what"] else serving)
    if "MTP" in row["model"] and arch.mtp is not None:  # the module's own cache stays in f16
        cache += [term for m in arch.mtp.mixers for term in group_kv(arch, m, Serving(context=row["ctx"]))]
    return sum(term.bytes for term in cache)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["what"] in TOLERANCE and row["model"] not in APART], ids=str
)
def test_a_row_of_a_server(row: dict[str, Any]) -> None:
    tolerance = MIXES[row["quant"]][1] if row["quant"] in MIXES else TOLERANCE[row["what"]]
    assert computed(row) == pytest.approx(row["value_bytes"], rel=tolerance)


def test_every_other_row_is_apart_for_a_reason() -> None:
    compared = [row for row in ROWS if row["model"] not in APART]
    assert len(compared) == len(ROWS) - len(APART) == 14
    assert all(row["what"] in (*TOLERANCE, "file_size") for row in compared)


@pytest.mark.parametrize("row", [row for row in ROWS if row["what"] == "file_size"], ids=str)
def test_files_of_one_name_that_differ_are_both_told(row: dict[str, Any]) -> None:
    """gpt-oss in K-quants: some publishers requantize the experts, others leave them in MXFP4."""
    record = Catalogue().find(row["model"])
    weights = weigh(record.arch, row["quant"], record.dtype)
    kept = weigh(record.arch, "MXFP4_MOE", record.dtype).bytes
    # A file is either the mix or has its experts as they were: about MXFP4's size with other matrices.
    sizes = (weights.bytes, kept)
    assert min(abs(size - row["value_bytes"]) / size for size in sizes) < 0.05
    assert weights.also


def test_the_rows_are_those_of_the_reference(reference: Callable[[str], Path]) -> None:
    assert reference("facts/memory_rows_2.jsonl").read_text() == (DATA / "memory_rows_2.jsonl").read_text()
