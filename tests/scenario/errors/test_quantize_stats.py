"""The same statistics as llama.cpp's test-quantize-stats printed for the same weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from qtui.compute.errors.survey import SHARES
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.errors.solve import solve

# iq4_nl there is the quick variant of the reference code; the others of its list have no encoder here.
TYPES = ("q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q2_K", "q3_K", "q4_K", "q5_K", "q6_K", "f16")
WIDTH = 0.0002  # of its histogram's buckets; the last of the 150 is open


@pytest.mark.parametrize("kind", TYPES)
def test_rmse_largest_and_quantiles(kind: str, reference: Callable[[str], Path], tmp_path: Path) -> None:
    message = json.loads(reference("golden/quantize_stats.json").read_text())[kind]
    with np.load(reference("golden/quantize_stats_input.npz")) as stored:
        arrays = {name: stored[name] for name in stored.files}
    save_file(arrays, tmp_path / "m.safetensors")
    result = solve(ErrorsScenario(path=str(tmp_path / "m.safetensors"), format=(kind,), exact=True))
    figures = result.totals[0].figures
    assert not figures.problem and figures.count == sum(x.size for x in arrays.values())
    assert f"{figures.rmse:.8f}" == message["rmse"] and f"{figures.max_abs_error:.8f}" == message["maxerr"]
    for share, key in ((0.95, "pct95"), (0.5, "median")):
        # It tells the upper edge of the bucket that the quantile lies in.
        edge = float(message[key])
        if edge < 149 * WIDTH:
            assert edge - WIDTH * 1.01 <= figures.quantiles[SHARES.index(share)] <= edge * 1.01
