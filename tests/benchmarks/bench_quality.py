"""How fast a language model is measured: `python tests/benchmarks/bench_quality.py [--model smollm2] [--threads 2]`.

Seconds to the first figure of three formats, each in a Python of its own. CPU-seconds and seconds of: loading, one
prompt's next-token distribution, a window of 512 (half its logits), tokens a second, the formats' encoding and
decoding of all weights, scoring; and memory at the end. Then the small model in the package: every format of its
table. `--llama-cpp` reads a window of 512 beside llama.cpp, in turns, both with the same weights in float32 (it needs
llama-cpp-python). `--keys` types into the app while it measures the real model, and while it rests, and presses other
keys. Says the machine, its load and the date. Not a test: nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program sets it, before numpy is imported

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from qtui.compute.formats import get_format  # noqa: E402
from qtui.compute.lm.answers import continued  # noqa: E402
from qtui.compute.lm.changes import quantizable, requantized  # noqa: E402
from qtui.compute.lm.threads import THREADS, cores, free_cores  # noqa: E402
from qtui.compute.lm.transformer import Transformer  # noqa: E402
from qtui.compute.lm.windows import log_probabilities, score, targets  # noqa: E402
from qtui.models.files.source import ModelFileError  # noqa: E402
from qtui.scenario.quality.opened import open_language_model, open_text  # noqa: E402
from qtui.scenario.quality.scenario import TINY_FORMATS, QualityScenario  # noqa: E402
from qtui.scenario.quality.solve import solve  # noqa: E402

FORMATS = ("Q8_0", "Q4_0", "nf4", "mxfp4", "Q6_K", "Q4_K")


def cpu_seconds() -> float:
    """Processor time of this process and of those that it has waited for."""
    waited = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + waited.ru_utime + waited.ru_stime


@contextmanager
def timed(what: str, work: float = 0.0, unit: str = "") -> Iterator[None]:
    """Print seconds and CPU-seconds of the block, and `work` a second."""
    began, used = time.perf_counter(), cpu_seconds()
    yield
    took, cpu = time.perf_counter() - began, cpu_seconds() - used
    rate = f"  {work / took:,.1f} {unit}/s" if work else ""
    print(f"{what:<52} {took:7.2f} s  {cpu:7.2f} CPU-s{rate}", flush=True)


def real(name: str, formats: tuple[str, ...]) -> None:
    """A real model, step by step."""
    scenario = QualityScenario(model=name)
    with timed("load: header, configuration, tokenizer"):
        opened = open_language_model(scenario)
    model = Transformer(opened.language.config, opened.language.weights())
    prompt = opened.tokenizer.encode("The capital of France is")
    with timed("first next-token distribution, weights decoded"):
        model.logits(np.array([prompt], np.int64), first=len(prompt) - 1)
    with timed("next-token distribution"):
        model.logits(np.array([prompt], np.int64), first=len(prompt) - 1)
    window = open_text(QualityScenario(model=name, windows=1), opened).windows[0]
    with timed("a window of 512, half its logits", len(window), "tokens"):
        logits = model.logits(window[None, :-1], first=len(window) // 2)[0]
    base = log_probabilities(logits.copy())
    with timed("scoring it", len(base), "tokens"):
        score(base, logits, targets(window))
    with timed("40 tokens generated", 40, "tokens"):
        list(continued(model, prompt, frozenset(), 40))
    matrices = [(t, model.weights.get(t.name)) for t in quantizable(opened.stored)]
    weights = sum(t.count for t, _ in matrices)
    for spec in formats:
        fmt = get_format(spec)
        able = [values for t, values in matrices if t.shape[-1] % fmt.block_size == 0]
        count = sum(values.size for values in able)
        with timed(
            f"{spec}: {count / weights:.0%} of {weights / 1e6:.0f} M weights there and back", count / 1e6, "M"
        ):
            for values in able:
                requantized(values, fmt)


FIRST = """
import sys
from qtui.scenario.quality.scenario import QualityScenario
from qtui.scenario.quality.solve import solve

def watch(result):
    if result.formats and result.formats[0].statistics is not None:
        sys.exit()

solve(QualityScenario(model=sys.argv[1], format=(sys.argv[2],)), None, watch)
"""


def first(name: str, formats: tuple[str, ...]) -> None:
    """From the start of Python to a format's first figure of four windows, nothing cached."""
    for spec in formats:
        with timed(f"{spec}: from the start of Python to its first figure"):
            subprocess.run([sys.executable, "-c", FIRST, name, spec], check=False)


def tiny() -> None:
    """The small model, format by format, nothing cached."""
    for spec in TINY_FORMATS:
        with timed(f"tiny: {spec} and the baseline, sums too"):
            solve(QualityScenario(format=(spec,)))


def beside_llama_cpp(name: str, threads: int, pairs: int = 5) -> None:
    """A prompt of 512 tokens and the logits of its last one, in turns with llama.cpp, which makes its own copy of the
    weights in float32; the logits' largest difference."""
    llama_cpp: Any = importlib.import_module("llama_cpp")
    opened = open_language_model(QualityScenario(model=name))
    ids = open_text(QualityScenario(model=name, windows=1), opened).windows[0].tolist()
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "float32.gguf")
        how = llama_cpp.llama_model_quantize_default_params()
        how.ftype = how.output_tensor_type = how.token_embedding_type = 0
        how.allow_requantize = True
        source = opened.language.file.path
        if llama_cpp.llama_model_quantize(os.fsencode(source), os.fsencode(copy), ctypes.byref(how)):
            raise SystemExit(f"llama.cpp can't make {source} float32")
        sizes = {"n_ctx": len(ids), "n_batch": len(ids), "n_ubatch": len(ids)}
        cores_used = {"n_threads": threads, "n_threads_batch": threads}
        theirs = llama_cpp.Llama(copy, verbose=False, type_k=0, type_v=0, **sizes, **cores_used)
        ours = Transformer(opened.language.config, opened.language.weights())
        results: dict[str, NDArray[np.float32]] = {}

        def read_theirs() -> None:
            theirs.reset()
            theirs.eval(ids)
            pointer = llama_cpp.llama_get_logits_ith(theirs.ctx, len(ids) - 1)
            results["llama.cpp"] = np.ctypeslib.as_array(pointer, (opened.language.config.vocabulary,)).copy()

        def read_ours() -> None:
            results["qtui"] = ours.logits(np.array([ids], np.int64), first=len(ids) - 1)[0, 0]

        taken: dict[str, list[tuple[float, float]]] = {"llama.cpp": [], "qtui": []}
        for turn in range(pairs + 1):
            for who, read in (("llama.cpp", read_theirs), ("qtui", read_ours)):
                began, used = time.perf_counter(), time.process_time()
                read()
                if turn:
                    taken[who].append((time.perf_counter() - began, time.process_time() - used))
    for who, times in taken.items():
        seconds, cpu = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{'512 tokens in float32, ' + who:<52} {seconds:7.2f} s  {cpu:7.2f} CPU-s")
    ratios = [[b / a for a, b in zip(*pair, strict=True)] for pair in zip(*taken.values(), strict=True)]
    seconds, cpu = (statistics.median(column) for column in zip(*ratios, strict=True))
    apart = np.abs(results["qtui"] - results["llama.cpp"]).max()
    print(f"qtui takes {seconds:.2f} times as long, {cpu:.2f} of the CPU-s; logits differ by {apart:.1e} at most")


def keys(name: str, busy: bool, count: int = 40) -> None:
    """Milliseconds until a letter typed into the command palette is seen, with a measurement running or none."""
    from tests.support.harness import Terminal

    command = [sys.executable, "-m", "qtui", "quality", name if busy else "tiny", "--windows", "64", "--tui"]
    env = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    times = []
    with Terminal(command, env=env) as app:
        app.wait_for("perplexity" if busy else "sums")
        if not busy:
            app.settle(quiet=1.0)
        app.press("ctrl+p")
        app.wait_for("a view, an action")
        for at in range(count):
            if at % 8 == 0:
                app.press(*["backspace"] * (8 if at else 0))
                app.wait_for("a view, an action")
            typed = "qzxjqzxj"[: at % 8 + 1]
            began = time.perf_counter()
            app.press(typed[-1])
            while typed not in app.text() and time.perf_counter() - began < 10:
                app.pump(0.05)
            times.append(1000 * (time.perf_counter() - began))
        app.press("escape", "q")
    print_times(f"a letter typed {'while it measures' if busy else 'with nothing to do'}", times)


def _opened(text: str) -> bool:
    return "╰" in text


def _closed(text: str) -> bool:
    return "╰" not in text


# Keys of the table in a window of 80 × 24, and what shows that each has had its effect.
OTHERS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("right", lambda text: "  loss  " not in text),
    ("left", lambda text: "  loss  " in text),
    ("2", lambda text: "[2 Bits]" in text),
    ("1", lambda text: "[1 Memory]" in text),
    *((key, seen) for key in ("m", "f") for key, seen in ((key, _opened), ("escape", _closed))),
    ("5", lambda text: "[5 Quality]" in text),
    *((key, seen) for key in ("e", "?", "ctrl+p", "w", "R") for key, seen in ((key, _opened), ("escape", _closed))),
    ("f", lambda text: "int3:asym" in text),
    ("v", lambda text: "[Tokens]" in text),
    ("V", lambda text: "[Table" in text),
)


def other_keys(name: str, count: int = 8) -> None:
    """Milliseconds until other keys are seen while it measures: a view, a pane, a dialog, a field."""
    from tests.support.harness import Terminal

    command = [sys.executable, "-m", "qtui", "quality", name, "--windows", "64", "--tui"]
    env = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    times: dict[str, list[float]] = {key: [] for key, _ in OTHERS}
    with Terminal(command, env=env) as app:
        for at in range(count + 1):
            app.wait_for("none", 60)  # there are figures
            for key, seen in OTHERS:
                began = time.perf_counter()
                app.press(key)
                while not seen(app.text()) and time.perf_counter() - began < 10:
                    app.pump(0.05)
                if at:  # the first time panes are made
                    times[key].append(1000 * (time.perf_counter() - began))
                until = time.perf_counter() + 0.15
                while time.perf_counter() < until:
                    app.pump(0.02)
                if key == "f" and seen is not _opened:
                    app.press("enter")
                    app.settle(quiet=0.05, seconds=0.3)
    for key, taken in times.items():
        print_times(f"{key!r} pressed while it measures", taken)
    print_times("all of these", [one for taken in times.values() for one in taken])


def print_times(what: str, times: list[float]) -> None:
    late = sorted(times)[round(0.95 * len(times)) - 1]
    print(
        f"{what:<52} median {statistics.median(times):5.1f} ms, 95 % {late:5.1f}, most {max(times):5.1f}", flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--threads", type=int, default=0, help="threads of matrix products; 0 for what is free")
    parser.add_argument("--formats", nargs="*", default=FORMATS)
    parser.add_argument("--llama-cpp", action="store_true", help="in turns with llama.cpp, and nothing else")
    parser.add_argument("--keys", action="store_true", help="how long keys take while it measures, and nothing else")
    args = parser.parse_args()
    os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp()  # nothing is known from before
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    load = os.getloadavg()[0]
    print(f"{date.today()}, {platform.machine()}, {cores()} cores, load {load:.1f}, numpy {np.__version__}")
    if args.keys:
        for busy in (False, True, False, True):
            keys(args.model, busy)
        other_keys(args.model)
        return
    if args.llama_cpp:
        with THREADS.raised(args.threads or None):
            beside_llama_cpp(args.model, args.threads or free_cores())
        return
    first(args.model, tuple(args.formats)[:3])
    work: list[Callable[[], None]] = [lambda: real(args.model, tuple(args.formats)), tiny]
    with THREADS.raised(args.threads or None):
        for step in work:
            try:
                step()
            except ModelFileError as error:
                print(error)
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
