"""`qtui inspect`: JSON, the drawing, and one line for what is wrong."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from qtui.cli import inspect as command
from qtui.cli.main import run
from qtui.scenario.base import UserError
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.inspect import InspectScenario
from tests.support.made_files import array, gguf_bytes, safetensors_bytes, save, text, write_imatrix
from tests.support.quantizer_files import quantizer_files

PAIRS = [
    ("general.architecture", 8, text("llama")),
    ("general.name", 8, text("a \x1b[31mred\nname")),
    ("llama.context_length", 4, struct.pack("<I", 131072)),
    ("tokenizer.ggml.tokens", 9, array(8, 1000, b"".join(text(f"t{i}") for i in range(1000)))),
]
TENSORS = [
    ("token_embd.weight", (32, 10), 1, 0),
    ("blk.0.attn_v.weight", (32, 2), 8, 640),
    ("blk.1.attn_v.weight", (32, 2), 8, 736),
    ("blk.1.norm.weight", (8,), 0, 832),
]


@pytest.fixture
def model(tmp_path: Path) -> str:
    return save(tmp_path / "m.gguf", gguf_bytes(PAIRS, TENSORS, bytes(864)))


def printed(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert run(["inspect", *args]) == 0
    return capsys.readouterr().out


def test_json(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(printed(capsys, model, "--json"))
    assert (answer["path"], answer["kind"], answer["parameters"]) == (model, "gguf", 320 + 64 + 64 + 8)
    assert answer["metadata"]["llama.context_length"] == 131072
    tokens = answer["metadata"]["tokenizer.ggml.tokens"]
    assert tokens == {"array_of": "string", "count": 1000, "first": [f"t{i}" for i in range(16)]}
    size = Path(model).stat().st_size
    assert answer["tensors"][1] == {
        "name": "blk.0.attn_v.weight",
        "shape": [2, 32],
        "dtype": "Q8_0",
        "format": "Q8_0",
        "offset": size - 864 + 640,
        "bytes": 68,
        "file": "m.gguf",
    }


def test_drawing(model: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    lines = [row.rstrip() for row in printed(capsys, model, "--ascii").splitlines()]
    cut = lines.index("metadata, 4 keys")
    assert lines[1:4] == [
        "kind        GGUF",
        "parameters  456 (456)",
        "tensors     4, 808 B (808 B), 14.18 bits a weight",
    ]
    assert lines[cut:] == [
        "metadata, 4 keys",
        "general.architecture   llama",
        "general.name           a \\x1b[31mred\\nname",
        "llama.context_length   131,072",
        'tokenizer.ggml.tokens  1,000 of string: "t0", "t1", "t2", "t3", ~',
        "",
        "dtype  tensors  parameters   size  share %",
        "F16          1         320  640 B     79.2  ################",
        "Q8_0         2         128  136 B     16.8  ###",
        "F32          1           8   32 B      4.0  #",
        "",
        "tensor             shape    dtype       size  share %",
        "token_embd.weight  10 x 32  F16        640 B     79.2",
        "blk.*                                  136 B     16.8",
        "  attn_v.weight    2 x 32   Q8_0   x2  136 B     16.8",
        "blk.1                                   32 B      4.0",
        "  norm.weight      8        F32         32 B      4.0",
        "",
    ]


def test_find_sort_each_and_metadata(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "token_embd" not in printed(capsys, model, "--find", "attn v")
    listed = printed(capsys, model, "--each", "--sort", "size")
    assert listed.index("token_embd") < listed.index("blk.0.attn_v") < listed.index("blk.1.norm")
    alone = printed(capsys, model, "--metadata")
    assert '"t40"' in alone and "token_embd" not in alone


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_every_row_fits(
    model: str, width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for args in ([], ["--each"], ["--metadata"]):
        assert max(map(len, printed(capsys, model, *args).splitlines())) <= width


def test_names_with_control_characters_reach_the_screen_spelled_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = {"a\x1b]52;c;x\x07": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}
    path = save(tmp_path / "m.safetensors", safetensors_bytes(header, b"\0"))
    out = printed(capsys, path)
    assert "\x1b]" not in out and "\\x1b]52" in out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "needs a model file"),
        (["absent.gguf"], "there is no file"),
        (["absent.gguf", "--hub", "org/repo"], "not both"),
        (["--hub", "repo"], "write org/repo"),
        (["MODEL", "--find", "zzqq"], "no tensor's name matches"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    model: str, args: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["inspect", *(model if arg == "MODEL" else arg for arg in args)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and words in err and err.count("\n") == 1


def test_json_needs_neither_numpy_nor_a_screen_library(model: str) -> None:
    code = f"import sys; from qtui.cli.main import run; run(['inspect', {model!r}, '--json']); print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert not {"numpy", "textual", "rich"} & set(out.splitlines()[-1].split())


def test_what_the_model_is_and_what_is_not_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = {"model_type": "novel", "hidden_size": 64, "num_hidden_layers": 2, "vocab_size": 9}
    config |= {"num_attention_heads": 4, "num_key_value_heads": 2, "num_experts": 8, "num_experts_per_tok": 2}
    path = save(tmp_path / "config.json", json.dumps(config | {"moe_intermediate_size": 8}).encode())
    lines = printed(capsys, path, "--ascii").splitlines()
    assert lines[2:6] == [
        "parameters  51,648 (51.65 K), of the text model that it describes",
        "model       novel, 64 wide",
        "layers      2: 2 attention 4/2 x 16; 2 with 2 of 8 experts",
        "note  the family 'novel' is not known, so its layers are read as a plain",
    ]
    answer = json.loads(printed(capsys, path, "--json"))["architecture"]
    assert (answer["num_layers"], answer["mixers"][0]["head_dim"]) == (2, 16)


def test_metadata_too_little_for_an_architecture_is_noted(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "does not say block_count" in " ".join(printed(capsys, model).split())
    assert json.loads(printed(capsys, model, "--json"))["architecture"] is None


def test_the_app_browses_the_same_file() -> None:
    shown = command.app_scenario(InspectScenario("m.gguf"))
    assert isinstance(shown, ErrorsScenario) and (shown.path, shown.view) == ("m.gguf", "browse")
    with pytest.raises(UserError, match="files of this machine"):
        command.app_scenario(InspectScenario(hub="org/repo"))


@pytest.mark.parametrize(("name", "quantizer", "dtype"), [("awq", "awq", "INT4"), ("bnb_nf4", "bnb-nf4", "NF4")])
def test_a_quantizers_checkpoint_is_shown_as_its_weights(
    name: str, quantizer: str, dtype: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = quantizer_files()[name].save(tmp_path)
    answer = json.loads(printed(capsys, path, "--json"))
    (tensor,) = answer["tensors"]
    assert (answer["quantizer"], answer["parameters"], tensor["dtype"]) == (quantizer, 2048, dtype)
    assert tensor["bytes"] == answer["bytes"] == answer["quantized"]["bytes"]
    apart = json.loads(printed(capsys, path, "--json", "--stored"))
    assert sorted(tensor["parts"]) == sorted(t["name"] for t in apart["tensors"])
    assert apart["parameters"] == 2048
    assert f"{quantizer}, 1 tensor of 2.05 K weights at " in printed(capsys, path)


def test_the_mix_of_a_gguf(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = [("general.file_type", 4, struct.pack("<I", 15))]
    path = save(tmp_path / "m.gguf", gguf_bytes(pairs, [("w", (32,), 0, 0)], bytes(128)))
    assert "GGUF, Q4_K_M" in printed(capsys, path)
    assert json.loads(printed(capsys, path, "--json"))["file_type"] == "Q4_K_M"


@pytest.mark.parametrize("old", [False, True])
def test_an_importance_matrix(tmp_path: Path, old: bool, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_imatrix(tmp_path / "m.imatrix", ["blk.0.ffn_up.weight"], np.ones(64, np.float32), old)
    shown = printed(capsys, path)
    assert "importance matrix of llama-imatrix" in shown and "ffn_up.weight" in shown


def test_a_type_that_ggml_does_not_have(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save(tmp_path / "m.gguf", gguf_bytes([], [("w", (32,), 99, 0)], bytes(128)))
    note, *_ = json.loads(printed(capsys, path, "--json"))["notes"]
    assert note.startswith("type 99: no type of ggml today")
