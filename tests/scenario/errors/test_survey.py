"""Surveys: the same figures however the work is shared, stopped and taken up again; no worker outlives its parent."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
from safetensors.numpy import save_file

from qtui.compute.data import draw
from qtui.compute.errors import error_stats, measure
from qtui.compute.errors.values import ValueMeter
from qtui.compute.formats import get_format
from qtui.models.files.model_file import ModelFile
from qtui.models.files.open import open_model
from qtui.models.files.source import ModelFileError
from qtui.models.tensors.values import TensorData
from qtui.scenario.errors import survey as survey_module
from qtui.scenario.errors import worker as survey_worker
from qtui.scenario.errors.cache import SurveyCache, cache_directory
from qtui.scenario.errors.pool import Pool
from qtui.scenario.errors.result import TensorErrors
from qtui.scenario.errors.sampling import flat_index, row_length, sampled_spans
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.errors.solve import solve
from qtui.scenario.errors.survey import Job, run_jobs, split
from qtui.scenario.progress import Cancelled, Progress

FORMATS = (get_format("Q4_0"), get_format("int8"), get_format("Q6_K"))


@pytest.fixture
def model(tmp_path: Path) -> ModelFile:
    arrays = {f"blk.{i}.w": draw("student-t", 512 * 40, seed=i).reshape(40, 512) for i in range(4)}
    arrays["narrow"] = draw("normal", 100, seed=9).reshape(5, 20)
    arrays["short"] = draw("normal", 32, seed=8)
    path = tmp_path / "model.safetensors"
    save_file(arrays, path)
    return open_model(str(path))


def jobs_of(model: ModelFile, budget: int = 0) -> list[Job]:
    return [
        Job(t, tuple(sampled_spans(t.count, row_length(t.shape), budget)) if budget else ((0, t.count),))
        for t in model.tensors
    ]


def gather(jobs: list[Job], **options: object) -> tuple[dict[str, TensorErrors], list[tuple]]:
    rows: dict[str, TensorErrors] = {}

    def finished(row: TensorErrors) -> None:
        assert row.name not in rows
        rows[row.name] = row

    whole = run_jobs(jobs, FORMATS, Progress(), finished, **options)  # type: ignore[arg-type]
    return rows, [(f.stats.moments, f.stats.max_abs_error, f.stats.counts.counts.tolist()) for f in whole if f.stats]


def figures(rows: dict[str, TensorErrors]) -> dict[str, list[tuple]]:
    """What rows say, with NaN equal to NaN."""
    return {
        name: [
            (m.format, m.moments, str(m.max_abs_error), m.max_index, str(m.quantiles), m.problem)
            for m in row.measures
        ]
        for name, row in sorted(rows.items())
    }


@pytest.mark.parametrize("budget", [0, 4096])
def test_processes_find_what_one_finds(model: ModelFile, budget: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey_module, "PART", 4096)
    alone, whole = gather(jobs_of(model, budget), workers=0)
    shared, together = gather(jobs_of(model, budget), workers=2)
    assert set(alone) == set(shared) == {t.name for t in model.tensors}
    for name, row in alone.items():
        for one, other in zip(row.measures, shared[name].measures, strict=True):
            assert one.problem == other.problem and one.max_index == other.max_index
            assert str(one.quantiles) == str(other.quantiles)
            assert str(one.rmse) == str(other.rmse) or one.rmse == pytest.approx(other.rmse, rel=1e-12)
    assert [t[2] for t in whole] == [t[2] for t in together]


def test_figures_are_those_of_the_whole_tensor(model: ModelFile) -> None:
    rows, _ = gather(jobs_of(model), workers=0)
    x = draw("student-t", 512 * 40, seed=2).reshape(40, 512)
    for fmt, result in zip(FORMATS, rows["blk.2.w"].measures, strict=True):
        stats = error_stats(x, fmt.codec.decode(fmt.codec.encode(x)))
        assert result.rmse == pytest.approx(stats.rmse, rel=1e-12) and result.max_index == stats.max_index
    assert "whole blocks" in rows["narrow"].measures[0].problem and not rows["narrow"].measures[1].problem


def test_a_sample_is_spread_and_its_places_are_real() -> None:
    spans = sampled_spans(1000 * 64, 64, 640)
    assert sum(b - a for a, b in spans) == 640 and spans[0][0] == 0 and spans[-1][1] > 900 * 64
    assert all(a % 64 == 0 for a, _ in spans)
    assert flat_index(65, spans) == spans[1][0] + 1
    assert sampled_spans(640, 64, 10**9) == [(0, 640)] and sampled_spans(0, 64, 5) == []
    x = np.zeros(1000 * 64, np.float32)
    assert [x[a:b].size for a, b in sampled_spans(100, 64, 128)] == [100]


def test_parts_cover_the_job(model: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey_module, "PART", 1000)
    for job in jobs_of(model):
        flat = [span for part in split(job) for span in part]
        assert flat[0][0] == 0 and flat[-1][1] == job.tensor.count
        assert all(a[1] == b[0] for a, b in zip(flat, flat[1:], strict=False))


def test_a_stopped_survey_goes_on_where_it_was(model: ModelFile) -> None:
    seen: list[str] = []
    ticks: list[float] = []

    def stop(done: float, total: float, note: str) -> None:
        if len(seen) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        run_jobs(jobs_of(model), FORMATS, Progress(stop), lambda row: seen.append(row.name), identity="a", workers=0)
    first = list(seen)
    fresh, whole = gather(jobs_of(model), workers=0)
    rows: dict[str, TensorErrors] = {}
    again = run_jobs(
        jobs_of(model),
        FORMATS,
        Progress(lambda done, total, note: ticks.append(total)),
        lambda row: rows.update({row.name: row}),
        identity="a",
        workers=0,
    )
    weights = sum(t.count for t in model.tensors if t.name not in first)
    assert ticks[0] == weights * len(FORMATS)
    assert figures(rows) == figures(fresh)
    assert [
        (f.stats.moments, f.stats.max_abs_error, f.stats.counts.counts.tolist()) for f in again if f.stats
    ] == whole
    ticks.clear()
    run_jobs(
        jobs_of(model), FORMATS, Progress(lambda d, t, n: ticks.append(t)), lambda row: None, identity="a", workers=0
    )
    assert ticks == []


def test_what_was_kept_of_another_file_or_damaged_is_not_used(model: ModelFile) -> None:
    gather(jobs_of(model), workers=0, identity="b")
    path = next(p for p in cache_directory().iterdir() if p.name == SurveyCache("b")._path.name)
    kept = list(SurveyCache("b").read())
    assert len(kept) == len(model.tensors) * len(FORMATS) and not list(SurveyCache("c").read())
    lines = path.read_bytes().splitlines(keepends=True)
    for damage in (
        b"",
        b"{}\n",
        b'{"t":1,"f":2,"w":3,"m":[],"s":[1,2,3],"k":"eJw="}\n',
        b"\xff\xfe\n",
        lines[0][:60] + b"\n",
    ):
        path.write_bytes(damage + b"".join(lines[1:]))
        assert len(list(SurveyCache("b").read())) == len(kept) - 1
    rows, _ = gather(jobs_of(model), workers=0, identity="b")
    assert figures(rows) == figures(gather(jobs_of(model), workers=0)[0])


def test_a_folder_that_can_not_be_written_ends_the_keeping_alone(
    model: ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure = next(iter(_kept(model)))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    cache = SurveyCache("x")
    cache.keep(measure)
    assert not cache.writable and not list(cache.read())


def _kept(model: ModelFile):  # noqa: ANN202
    gather(jobs_of(model), workers=0, identity="k")
    return SurveyCache("k").read()


def test_a_worker_that_can_not_read_says_why(model: ModelFile) -> None:
    os.truncate(model.path, 1000)
    with pytest.raises(ModelFileError, match="truncated|shorter|fewer"):
        gather(jobs_of(model), workers=2)
    assert not workers_of(os.getpid())


def workers_of(pid: int) -> list[psutil.Process]:
    results = []
    for process in psutil.Process(pid).children(recursive=True):
        try:
            if any("errors.worker" in part for part in process.cmdline()):
                results.append(process)
        except psutil.Error:
            continue
    return results


def test_cancelling_ends_the_workers(model: ModelFile) -> None:
    def stop(done: float, total: float, note: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        run_jobs(jobs_of(model), FORMATS, Progress(stop), lambda row: None, workers=2)
    assert not workers_of(os.getpid())


PARENT = """
import sys
from qtui.models.files.open import open_model
from qtui.scenario.errors.survey import Job, run_jobs
from qtui.scenario.progress import Progress
from qtui.compute.formats import get_format
model = open_model(sys.argv[1])
jobs = [Job(t, ((0, t.count),)) for t in model.tensors]
run_jobs(jobs, [get_format("IQ4_NL")], Progress(lambda *a: print("tick", flush=True)), lambda r: None, workers=2)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_no_worker_outlives_a_killed_parent(tmp_path: Path) -> None:
    save_file({f"w{i}": np.zeros((1024, 4096), np.float16) for i in range(4)}, tmp_path / "long.safetensors")
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "long.safetensors")], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None and parent.stdout.readline() == "tick\n"
    workers = workers_of(parent.pid)
    assert len(workers) == 2
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 20
    while any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in workers if psutil.pid_exists(p.pid)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("workers", [0, 2])
def test_scales_that_span_rows_are_those_of_the_whole_tensor(
    tmp_path: Path, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nf4:double stores 256 scales of 64 weights together: of rows of 320 weights, 256 rows."""
    monkeypatch.setattr(survey_module, "PART", 90_000)
    x = draw("student-t", 320 * 700, seed=3).reshape(700, 320)
    save_file({"w": x}, tmp_path / "m.safetensors")
    (tensor,) = open_model(str(tmp_path / "m.safetensors")).tensors
    formats = [get_format("nf4:double"), get_format("Q8_0")]
    result = run_jobs([Job(tensor, ((0, x.size),))], formats, Progress(), lambda row: None, workers=workers)
    whole = measure(formats[0].codec, x, block=None)
    assert result[0].stats is not None and result[0].stats.moments.e2 == pytest.approx(whole.moments.e2, rel=1e-6)
    assert np.array_equal(result[0].stats.counts.counts, whole.counts.counts)


def test_scales_of_a_tensor_in_many_parts_are_looked_for_once(
    model: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    real = survey_worker.fitting_sample

    def counted(data: TensorData, tick: Callable[[int], None]) -> np.ndarray:
        looked.append(data.tensor.name)
        return real(data, tick)

    monkeypatch.setattr(survey_worker, "fitting_sample", counted)
    fits, out = survey_worker.Fits(), io.BytesIO()
    for job, tensor in enumerate(model.tensors[:2]):
        for start in range(0, tensor.count, max(tensor.count // 4, 1)):
            part = ((start, min(start + tensor.count // 4, tensor.count)),)
            task = survey_worker.Task(job, tensor, part, ("int8:tensor", "Q8_0"))
            assert survey_worker.perform(task, out, fits).error == ""
    assert looked == [tensor.name for tensor in model.tensors[:2]]


def test_a_defect_in_a_worker_is_not_the_fault_of_the_file(model: ModelFile) -> None:
    task = survey_worker.Task(0, model.tensors[0], ((0, 512),), ("Q4_0",), importance=np.ones(3, np.float32))
    with Pool(1) as pool, pytest.raises(RuntimeError, match="that was measuring, ValueError(.|\n)*Traceback"):
        list(pool.reports([task]))


def test_steps_and_blocks_of_one_tensor_are_found_by_processes_too(
    model: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey_module, "PART", 4096)
    job = [Job(model.tensor("blk.1.w"), ((0, 512 * 20), (512 * 21, 512 * 40)))]
    one, other = ValueMeter(), ValueMeter()
    alone = run_jobs(job, FORMATS, Progress(), lambda row: None, steps=True, values=one, workers=0, identity="s")
    shared = run_jobs(job, FORMATS, Progress(), lambda row: None, steps=True, values=other, workers=2, identity="s")
    here, there = one.result(), other.result()
    assert here.outliers == there.outliers and here.count == there.count == 512 * 39
    assert np.array_equal(here.counts.counts, there.counts.counts) and here.sigma == pytest.approx(there.sigma)
    with TensorData(job[0].tensor) as data:
        assert [float(data.values(o.index, o.index + 1)[0]) for o in here.outliers] == [
            o.value for o in here.outliers
        ]
    for one, other in zip(alone, shared, strict=True):
        assert one.stats is not None and other.stats is not None
        assert one.stats.steps is not None and other.stats.steps is not None
        assert one.stats.worst_blocks == other.stats.worst_blocks and one.stats.worst_blocks
        assert one.stats.steps.clipped == other.stats.steps.clipped
        assert np.array_equal(one.stats.steps.counts.counts, other.stats.steps.counts.counts)
    assert not list(SurveyCache("s").read())


def test_layers_come_by_number_whatever_the_files_order(tmp_path: Path) -> None:
    names = ["model.embed.weight", *(f"model.layers.{layer}.mlp.up_proj.weight" for layer in range(12))]
    path = tmp_path / "layers.safetensors"
    save_file({name: np.ones((32, 64), np.float32) for name in names}, path)
    result = solve(ErrorsScenario(path=str(path), view="survey", format=("Q8_0",)), Progress())
    assert [row.name for row in result.rows][3].startswith("model.layers.10.")  # as they stand in the file
    assert [row.label for row in result.survey] == names
