"""How fast formats are measured: `python tests/benchmarks/bench_survey.py [--mib 256] [--formats Q8_0 Q4_K ...]`.

For each format MB/s of float32 weights (store, read back, compare with an exact histogram): in one process, beside
the obvious numpy code for the same figures in the same run, and as a survey of a file by worker processes, which are
started afresh each time. Then the ratios to published rates: llama.cpp's test-quantize-stats, 20 types on 14.2 M
weights in 5.6 s with 2 threads, and naive numpy for int8 by row with np.histogram, 190 to 270 MB/s. At last all
formats in one survey, as people run it. Not a test: nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program sets it, before numpy is imported

import numpy as np  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from qtui.compute.data import draw  # noqa: E402
from qtui.compute.errors.meter import Meter  # noqa: E402
from qtui.compute.formats import Format, get_format  # noqa: E402
from qtui.models.files.model_file import Tensor  # noqa: E402
from qtui.models.files.open import open_model  # noqa: E402
from qtui.scenario.errors.pool import workers_here  # noqa: E402
from qtui.scenario.errors.survey import Job, run_jobs  # noqa: E402
from qtui.scenario.progress import Progress  # noqa: E402

FORMATS = (
    "Q8_0",
    "Q4_0",
    "Q4_1",
    "Q5_0",
    "Q6_K",
    "Q4_K",
    "Q3_K",
    "Q2_K",
    "IQ4_NL",
    "MXFP4",
    "F16",
    "BF16",
    "int8:row",
)
QUANTIZE_STATS = 20 * 14.2e6 * 4 / 5.6 / 1e6  # MB/s of float32, all types together, 2 threads
NAIVE = 230.0  # MB/s, the middle of what was published for int8 by row, its errors and np.histogram
CHUNK = 1 << 16


def best(work: object, seconds: float = 1.0) -> float:
    """Shortest time of several calls of `work` within about `seconds`."""
    times = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        began = time.perf_counter()
        work()  # type: ignore[operator]
        times.append(time.perf_counter() - began)
    return min(times)


def measured(fmt: Format, x: np.ndarray) -> float:
    """Seconds to measure x in one process."""

    def work() -> None:
        meter = Meter([fmt], block=None, fit=x)
        rows = max(CHUNK // x.shape[1], 1)
        for top in range(0, len(x), rows):
            meter.add(x[top : top + rows], 0, top * x.shape[1])
        assert meter.results()[0].stats is not None

    return best(work)


def naive(fmt: Format, x: np.ndarray) -> float:
    """Seconds for the same figures as one would write them down first: whole arrays, np.histogram."""

    def work() -> None:
        y = fmt.codec.decode(fmt.codec.encode(x))
        e = y.astype(np.float64) - x
        np.sqrt(np.mean(e**2)), np.abs(e).max(), e.mean(), np.abs(e).mean()
        10 * np.log10(np.sum(x.astype(np.float64) ** 2) / np.sum(e**2))
        np.sum(x * y) / np.sqrt(np.sum(x**2) * np.sum(y**2))
        np.quantile(np.abs(e), (0.5, 0.95, 0.99, 0.999))
        np.histogram(e, 256)

    return best(work)


def surveyed(tensor: Tensor, formats: list[Format], workers: int) -> float:
    """Seconds of a survey of the tensor, its worker processes started and ended."""
    began = time.perf_counter()
    run_jobs([Job(tensor, ((0, tensor.count),))], formats, Progress(), lambda row: None, workers=workers)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=256, help="MiB of float32 in the survey's file")
    parser.add_argument("--formats", nargs="*", default=FORMATS)
    args = parser.parse_args()
    formats = [get_format(name) for name in args.formats]
    workers = workers_here()
    x = draw("normal", 1 << 20, seed=1).reshape(-1, 4096)
    size = x.nbytes / 1e6
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.npy"
        np.save(path, np.tile(x, (max(args.mib * (1 << 20) // x.nbytes, 1), 1)))
        (tensor,) = open_model(str(path)).tensors
        file_size = tensor.nbytes / 1e6
        print(
            f"MB/s of float32: {x.size:,} weights in one process, a file of {file_size:.0f} MB by {workers} workers"
        )
        print(f"{'':<12}{'one':>9}{'naive':>9}{'':>7}{'workers':>9}   the workers against published")
        print(f"{'format':<12}{'process':>9}{'numpy':>9}{'ratio':>7}{'':>9}{'quantize-stats':>18}{'naive numpy':>13}")
        for fmt in formats:
            ours, theirs = size / measured(fmt, x), size / naive(fmt, x)
            rate = file_size / surveyed(tensor, [fmt], workers)
            print(f"{fmt.name:<12}{ours:>9.0f}{theirs:>9.0f}{ours / theirs:>7.1f}{rate:>9.0f}", end="")
            print(f"{rate / QUANTIZE_STATS:>18.2f}{rate / NAIVE:>13.2f}", flush=True)
        together = len(formats) * file_size / surveyed(tensor, formats, workers)
        print(f"{'all at once':<37}{together:>9.0f}{together / QUANTIZE_STATS:>18.2f}{together / NAIVE:>13.2f}")
        print(f"published: {QUANTIZE_STATS:.0f} MB/s (20 types together), {NAIVE:.0f} MB/s (int8 by row)")


if __name__ == "__main__":
    main()
