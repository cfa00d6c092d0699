"""How fast the computation module is, against what one would use instead, in one run on one thread.

    python tests/benchmarks/bench_compute.py                 # everything, 16 million weights
    python tests/benchmarks/bench_compute.py --million 4 --only encode,rows

Run by hand on a quiet machine; nothing is asserted. Rivals are timed in turns with ours, the best of several turns
counts, and a ratio says more than MB/s (of float32 read), which belong to the machine. "wanted" is what we set out
to reach.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # before numpy is imported
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # this checkout, installed or not

import gguf.quants  # noqa: E402
import ml_dtypes  # noqa: E402
import numpy as np  # noqa: E402
from gguf import GGMLQuantizationType  # noqa: E402

try:
    import libgguf
except ImportError:
    libgguf = None

from qtui.compute.errors import error_stats, int8_row_errors, measure  # noqa: E402
from qtui.compute.floats.rounding import round_array  # noqa: E402
from qtui.compute.floats.table import number_format  # noqa: E402
from qtui.compute.formats import all_formats, get_format  # noqa: E402
from qtui.compute.ggml import formats as family_ggml  # noqa: E402

GGUF_PY_ENCODES = ("Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "TQ1_0", "TQ2_0", "MXFP4", "F16", "BF16")
CODEBOOKS = ("IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S")
WANTED_RATIO = {"Q8_0": 3.0, "Q4_0": 1.4, "MXFP4": 5.0}
WANTED_RATE = {"Q4_K": 25, "Q6_K": 45}
SLOW_ROWS = ("Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", *CODEBOOKS)  # 25 ms, others 10 ms


def best_of(turns: int, *jobs: Callable[[], object]) -> list[float]:
    """Least seconds of each job over `turns` turns, the jobs taking turns."""
    least = [float("inf")] * len(jobs)
    for _ in range(turns):
        for i, job in enumerate(jobs):
            start = time.perf_counter()
            job()
            least[i] = min(least[i], time.perf_counter() - start)
    return least


def verdict(value: float, wanted: float | None, unit: str) -> str:
    """ "3.2x (wanted 3.0x, ok)" for a value that should be no less than `wanted`."""
    text = f"{value:8.2f}{unit}" if unit == "x" else f"{value:8.0f}{unit}"
    if wanted is None:
        return text
    return f"{text}  wanted {wanted:g}{unit}: {'ok' if value >= wanted else 'NOT REACHED'}"


def versus(name: str, size: int, ours: float, theirs: float, wanted: float | None) -> None:
    """One line: both rates and the ratio."""
    rates = f"{size / ours / 1e6:7.0f} MB/s  rival {size / theirs / 1e6:6.0f}"
    print(f"  {name:<34}{rates}  {verdict(theirs / ours, wanted, 'x')}")


def bench_encode(x: np.ndarray, turns: int) -> None:
    """Encoding against gguf-py where it can, against the clock where nothing else in Python can."""
    print("encode, rival gguf-py")
    for name in GGUF_PY_ENCODES:
        codec, rival = get_format(name).codec, GGMLQuantizationType[name]
        ours, theirs = best_of(turns, lambda c=codec: c.encode(x), lambda r=rival: gguf.quants.quantize(x, r))
        versus(name, x.nbytes, ours, theirs, WANTED_RATIO.get(name))
    print("encode, no rival in Python")
    for fmt in family_ggml.FAMILY.formats:
        if fmt.can_encode and fmt.name not in (*GGUF_PY_ENCODES, *CODEBOOKS, "F32"):
            (ours,) = best_of(max(1, turns // 3), lambda c=fmt.codec: c.encode(x))
            print(f"  {fmt.name:<34}{verdict(x.nbytes / ours / 1e6, WANTED_RATE.get(fmt.name), ' MB/s')}")


def bench_codebooks(x: np.ndarray, turns: int) -> None:
    """Encoding by codebooks with importance against libgguf, a build of ggml's C code, where it is installed."""
    if libgguf is None:
        print("encode by codebooks: libgguf is not installed")
        return
    print("encode by codebooks, a sixteenth of the weights, rival libgguf")
    importance = np.random.default_rng(1).exponential(1, x.shape[1]).astype(np.float32)
    some = x[: max(1, len(x) // 16)]
    for name in CODEBOOKS:
        codec, rival = get_format(name).codec, libgguf.GGMLQuantizationType[name]
        codec.encode(some[:1], importance)
        ours, theirs = best_of(
            turns,
            lambda c=codec: c.encode(some, importance),
            lambda r=rival: libgguf.quantize_rows(some, r, importance),
        )
        versus(name, some.nbytes, ours, theirs, 0.3)


def bench_decode(x: np.ndarray, turns: int) -> None:
    """Decoding against gguf-py."""
    print("decode, rival gguf-py")
    for fmt in family_ggml.FAMILY.formats:
        if not fmt.can_encode or fmt.name in ("F32", "Q1_0", "Q2_0"):
            continue
        encoded, rival = fmt.codec.encode(x[: len(x) // 4]), GGMLQuantizationType[fmt.name]
        ours, theirs = best_of(
            turns,
            lambda c=fmt.codec, e=encoded: c.decode(e),
            lambda r=rival, e=encoded: gguf.quants.dequantize(e.data, r),
        )
        versus(fmt.name, x.nbytes // 4, ours, theirs, None)


def bench_floats(x: np.ndarray, turns: int) -> None:
    """Values rounded to 8-bit floats, against ml_dtypes' cast to codes, which is half of what that would take."""
    print("fp8 value rounding, rival ml_dtypes' cast")
    out = np.empty_like(x)
    for name in ("float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz"):
        fmt, rival = number_format(name), getattr(ml_dtypes, name)
        ours, theirs = best_of(turns, lambda f=fmt: round_array(x, f, out=out), lambda r=rival: x.astype(r))
        versus(name, x.nbytes, ours, theirs, 4.0)


def int8_errors_plainly(x: np.ndarray) -> object:
    """What one would write: int8 by row, its errors, and their histogram."""
    scale = np.abs(x).max(axis=1, keepdims=True) / 127
    error = np.clip(np.rint(x / scale), -127, 127) * scale - x
    return np.sqrt(np.mean(error**2)), np.abs(error).max(), error.mean(), np.histogram(error, 256)


def all_figures_plainly(x: np.ndarray, y: np.ndarray) -> object:
    """What ErrorStats knows of x and y, as one would write it."""
    error, nonzero = y - x, x != 0
    size = np.abs(error)
    sigma = x.std()
    return (
        np.sqrt(np.mean(error**2)), size.max(), size.argmax(), error.mean(), size.mean(), np.linalg.norm(x),
        (size[nonzero] / np.abs(x[nonzero])).mean(), np.quantile(size, [0.5, 0.95, 0.99, 0.999]),
        (x.ravel() @ y.ravel()) / np.linalg.norm(x) / np.linalg.norm(y), np.count_nonzero(x == 0),
        np.count_nonzero(y == 0), np.mean((x - x.mean()) ** 4) / sigma**4, np.abs(x).max() / sigma,
        np.histogram(error, 256),
    )  # fmt: skip


def bench_errors(x: np.ndarray, turns: int) -> None:
    """Error statistics of int8 by row with an exact histogram; then every figure of a pair of arrays."""
    print("error statistics with histogram, rival numpy as one would write it")
    turns = max(3, turns // 2)
    ours, theirs = best_of(turns, lambda: int8_row_errors(x), lambda: int8_errors_plainly(x))
    versus("int8 by row, figures of the rival", x.nbytes, ours, theirs, 4.0)
    y = get_format("int8:row").codec.roundtrip(x)[0]
    ours, theirs = best_of(turns, lambda: error_stats(x, y, block=None), lambda: all_figures_plainly(x, y))
    versus("every figure of two arrays", x.nbytes, ours, theirs, None)
    (ours,) = best_of(turns, lambda: measure(get_format("int8:row").codec, x))
    print(f"  {'int8:row, every figure and blocks':<34}{x.nbytes / ours / 1e6:7.0f} MB/s")


def bench_scratch(x: np.ndarray) -> None:
    """Memory beyond input and output, for an eighth of the weights and for all of them."""
    print("scratch of an encoding, MiB: an eighth of the weights, all of them")
    for name in ("Q8_0", "Q4_0", "MXFP4", "Q4_K", "Q6_K", "IQ4_XS", "IQ1_S", "IQ2_XS", "IQ3_XXS"):
        codec = get_format(name).codec
        codec.encode(x[:256])
        peaks = []
        for rows in (x[: len(x) // 8], x):
            tracemalloc.start()
            stored = codec.encode(rows).data.nbytes
            peaks.append((tracemalloc.get_traced_memory()[1] - stored) / 2**20)
            tracemalloc.stop()
        print(f"  {name:<34}{peaks[0]:8.2f} {peaks[1]:8.2f}")


def bench_rows() -> None:
    """One row of 4096 through every format: what a key press in the Quantizer costs."""
    print("a row of 4096, ms: encode, decode, fields")
    x = np.random.default_rng(1).normal(0, 0.02, (1, 4096)).astype(np.float32)
    for fmt in all_formats():
        if not fmt.can_encode or 4096 % fmt.block_size:
            continue
        codec = fmt.codec
        encoded = codec.encode(x)
        spent = best_of(
            20,
            lambda c=codec: c.encode(x),
            lambda c=codec, e=encoded: c.decode(e),
            lambda c=codec, e=encoded: c.fields(e),
        )
        total, limit = 1e3 * sum(spent), 25 if fmt.name in SLOW_ROWS else 10
        mark = "ok" if total < limit else f"NOT under {limit}"
        print(f"  {fmt.name:<34}" + "".join(f"{1e3 * seconds:8.3f}" for seconds in spent) + f"   {mark}")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--million", type=int, default=16, help="weights, in units of 2^20")
    parser.add_argument("--turns", type=int, default=6)
    parser.add_argument("--only", default="encode,codebooks,decode,floats,errors,scratch,rows")
    options = parser.parse_args()
    x = np.random.default_rng(0).normal(0, 0.02, (options.million * 256, 4096)).astype(np.float32)
    print(f"{x.size / 1e6:.1f} million weights, N(0, 0.02), numpy {np.__version__}, best of {options.turns}")
    jobs: dict[str, Callable[[], None]] = {
        "encode": lambda: bench_encode(x, options.turns),
        "codebooks": lambda: bench_codebooks(x, options.turns),
        "decode": lambda: bench_decode(x, options.turns),
        "floats": lambda: bench_floats(x, options.turns),
        "errors": lambda: bench_errors(x, options.turns),
        "scratch": lambda: bench_scratch(x),
        "rows": bench_rows,
    }
    for name in options.only.split(","):
        jobs[name]()


if __name__ == "__main__":
    main()
