"""What llama.cpp's own test-quantize-stats printed, from our codecs and our statistics."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from qtui.compute.errors import ErrorStats, measure
from qtui.compute.formats import get_format

WIDTH, BUCKETS = 0.0002, 150  # of the tool's histogram of |e|; the last bucket has no end
# iq4_nl is left out: the tool asks for a quicker search than the one that llama-quantize writes files with.
TYPES = [
    "f16", "bf16", "q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q2_K", "q3_K", "q4_K", "q5_K", "q6_K", "iq4_xs",
    "tq1_0", "tq2_0", "mxfp4", "nvfp4", "q1_0", "q2_0",
]  # fmt: skip


@pytest.mark.parametrize("name", TYPES)
def test_statistics_are_those_of_the_tool(name: str, reference: Callable[[str], Path]) -> None:
    printed = json.loads(reference("golden/quantize_stats.json").read_text())[name]
    tensors = np.load(reference("golden/quantize_stats_input.npz"))
    codec = get_format(name.upper()).codec
    parts = [measure(codec, tensors[key]) for key in tensors.files]
    stats = parts[0]
    for part in parts[1:]:
        stats = stats.merge(part)
    assert f"{stats.rmse:.8f}" == printed["rmse"]
    assert f"{stats.max_abs_error:.8f}" == printed["maxerr"]
    for share, edge in ((0.95, float(printed["pct95"])), (0.5, float(printed["median"]))):
        value = stats.quantile(share)
        assert edge - WIDTH <= value * 1.008 and (value * 0.992 <= edge or edge == pytest.approx(WIDTH * BUCKETS))
    assert tool_histogram(stats, codec, tensors) == printed["histogram"]


def tool_histogram(stats: ErrorStats, codec, tensors) -> list[int]:  # type: ignore[no-untyped-def]
    counts = np.zeros(BUCKETS, np.int64)
    for key in tensors.files:
        x = tensors[key]
        error = np.abs(codec.decode(codec.encode(x)).astype(np.float64) - x)
        counts += np.bincount(np.minimum((error / WIDTH).astype(int), BUCKETS - 1).reshape(-1), minlength=BUCKETS)
    assert counts.sum() == stats.count
    return list(counts)
