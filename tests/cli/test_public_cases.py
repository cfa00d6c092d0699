"""Files of the kinds that public bug reports are about, by command line and in the app: a model, or one sentence."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from qtui.cli.main import run
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.tui.app import QtuiApp
from tests.support.screens import screen_text, settle

MAKERS = ("make", "make_gptoss_width", "make_mxfp4", "make_nan", "make_sharded")
# What does not open, as the libraries that read such files do not open it either, and a part of the sentence.
REFUSED = {
    "nul_padded.safetensors": "more than one value",
    "trailing_bytes.safetensors": "64 bytes after the last tensor belong to none",
    "big_endian.gguf": "convert it to little-endian",
    "dup_key.gguf": "'general.name' appears twice",
    "fivedim.gguf": "claims 5 dimensions",
    "nested.gguf": "an array of arrays",
    "hub/models--org--broken": "a link to ../../blobs/gone, which is not there",
}
# What opens and has no weights to measure.
EMPTY = ("no_tensors.safetensors", "only_meta.safetensors", "only_zero_size.safetensors")
# The quantizer and the parameters of each checkpoint, and what its packed matrix is stored in.
QUANTIZED = {
    "awq": ("awq", 24_640, "INT4"),
    "gptq": ("gptq", 24_640, "INT4"),
    "bnb": ("bnb-nf4", 24_640, "NF4"),
    "bnb8": ("bnb-int8", 24_640, "INT8"),
    "ct_w4a16": ("compressed-tensors", 24_640, "INT4"),
    "ct_w8a8": ("compressed-tensors", 24_640, "INT8"),
    "ct_fp8": ("compressed-tensors", 24_640, "F8_E4M3"),
    "ct_nvfp4": ("compressed-tensors", 24_640, "NVFP4"),
    "ct_mxfp4": ("compressed-tensors", 24_640, "MXFP4"),
    "modelopt_fp8": ("modelopt", 24_640, "F8_E4M3"),
    "modelopt_nvfp4": ("modelopt", 24_640, "NVFP4"),
    "comfy_fp8": ("comfyui", 24_640, "F8_E4M3"),
    "mlx4": ("mlx", 24_640, "INT4"),
    "ds_fp8": ("fp8", 73_792, "F8_E4M3"),
    "ds_fp8_split": ("fp8", 73_792, "F8_E4M3"),
    "gptoss": ("mxfp4", 41_152, "MXFP4"),
}
PARAMETERS = {
    "complex.safetensors": 2176,
    "scalars.safetensors": 2563,
    "meta_null.safetensors": 256,
    "lead_space.safetensors": 256,
    "trail_tab.safetensors": 256,
    "names.safetensors": 1664,
    "zerod.gguf": 65,
    "nan_model.gguf": 1_344_768,
    "idx_absent_tensor": 2048,
    "idx_unlisted": 67_584,
    "idx_overlay": 2048,
    "shards_no_index": 2048,
    "sharded/model-00001-of-00002.safetensors": 115_008,
    "hub/models--org--m": 1024,
    "../fail/files/mxfp4_experts.gguf": 8_657_408,
    "../fail/files/gptoss_width.gguf": 5_683_712,
}
NOTED = {
    "idx_absent_tensor": "'mtp.fc.weight'",
    "idx_unlisted": "'model-mtp-of-00002.safetensors'",
    "shards_no_index": "index",
    "sharded/model-00001-of-00002.safetensors": "one of 2 files: the whole model is shown",
}


@pytest.fixture(scope="module")
def folder(reference: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all cases, made anew."""
    made = tmp_path_factory.mktemp("public")
    for source in reference("cases").glob("*.py"):
        shutil.copy(source, made)
    for name in ("files", "fail/files"):
        (made / name).mkdir(parents=True)
    code = "import runpy, sys; sys.argv = ['make.py', 'files']; [runpy.run_path(f'{m}.py') for m in MAKERS]"
    subprocess.run([sys.executable, "-c", code.replace("MAKERS", repr(MAKERS))], cwd=made, check=True)
    return made / "files"


def names(folder: Path) -> list[str]:
    """Every file and folder that stands for a model."""
    inside = [path.name for path in sorted(folder.iterdir()) if path.name != "hub"]
    return [*inside, *(n for n in PARAMETERS if "/" in n), "hub/models--org--broken"]


def test_every_file_is_a_model_or_one_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in names(folder):
        status = run(["inspect", str(folder / name), "--json"])
        out, err = capsys.readouterr()
        if name in REFUSED:
            assert status == 2 and REFUSED[name] in err and err.count("\n") == 1, name
            continue
        assert status == 0 and not err, (name, err)
        answer = json.loads(out)
        assert answer["parameters"] == PARAMETERS.get(name, answer["parameters"]), name
        if name in QUANTIZED:
            quantizer, parameters, dtype = QUANTIZED[name]
            assert (answer["quantizer"], answer["parameters"]) == (quantizer, parameters), name
            assert [t["dtype"] for t in answer["tensors"] if "parts" in t] == [dtype], name
        if name in NOTED:
            assert any(NOTED[name] in note for note in answer["notes"]), (name, answer["notes"])


def test_every_file_is_measured_or_one_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in names(folder):
        status = run(["errors", str(folder / name), "-f", "Q8_0", "-f", "int8", "--json"])
        out, err = capsys.readouterr()
        if name in REFUSED or name in EMPTY:
            assert status == 2 and err.count("\n") == 1, name
            continue
        assert status == 0, (name, err)
        answer = json.loads(out)
        total = answer["total"][0]
        assert {"tensors", "fallbacks", "nan_count", "inf_count", "scored", "problem"} <= total.keys()
        if name in QUANTIZED:
            assert answer["already_quantized"] == [QUANTIZED[name][2]] and total["tensors"] == 2
            assert 40 < total["sqnr_db"] < 50 and total["nan_count"] == 0, name


async def test_every_file_opens_in_the_app(folder: Path) -> None:
    app = QtuiApp(ErrorsScenario(count=512, format=("Q8_0",)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for name in names(folder):
            await app.stage.open(ErrorsScenario(path=str(folder / name), view="browse", format=("Q8_0",)))
            await settle(pilot)
            shown = " ".join(screen_text(app).split())
            if name in REFUSED:
                assert REFUSED[name].split()[0] in shown, (name, shown)
            assert "Traceback" not in shown and app.is_running, name
