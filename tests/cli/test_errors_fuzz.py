"""Damaged model files through `qtui errors`: a figure or one line on stderr, never a traceback, never much memory."""

from __future__ import annotations

import os
import random
import tracemalloc
from pathlib import Path

import gguf
import numpy as np
import pytest
from safetensors.numpy import save_file

from qtui.cli.main import run
from qtui.compute.data import draw

ROUNDS = int(os.environ.get("QTUI_FUZZ_ROUNDS", "150"))  # of each kind of file


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("originals")
    x = draw("student-t", 64 * 256, seed=1).reshape(64, 256)
    save_file({"a.weight": x.astype(np.float16), "b": x[0], "c": np.arange(7)}, folder / "m.safetensors")
    writer = gguf.GGUFWriter(str(folder / "m.gguf"), "llama")
    writer.add_array("tokenizer.ggml.tokens", [f"token{i}" for i in range(50)])
    for name, kind in (("blk.0.attn_q.weight", "Q8_0"), ("blk.0.ffn_up.weight", "Q4_0"), ("output.weight", "F16")):
        stored = gguf.GGMLQuantizationType[kind]
        writer.add_tensor(name, gguf.quants.quantize(x, stored), raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return {name: (folder / name).read_bytes() for name in ("m.safetensors", "m.gguf")}


def damaged(data: bytes, chance: random.Random) -> bytes:
    """`data` cut, or with some of its bytes changed, moved or repeated; most damage goes to the header."""
    out = bytearray(data)
    header = min(len(out), 1500)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        at = chance.randrange(header if chance.random() < 0.8 else len(out))
        kind = chance.random()
        if kind < 0.45:
            out[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        elif kind < 0.65:
            out[at : at + 8] = chance.choice((b"\xff" * 8, b"\0" * 8, (2**62).to_bytes(8, "little"), b"9" * 8))
        elif kind < 0.8:
            del out[at : at + chance.randrange(1, 40)]
        elif kind < 0.9:
            out[at:at] = out[at : at + chance.randrange(1, 40)]
        else:
            del out[at:]
        if len(out) < 2:
            break
        header = min(len(out), 1500)
    return bytes(out)


@pytest.mark.parametrize("name", ["m.safetensors", "m.gguf"])
def test_damage_is_told_in_one_line(
    name: str, originals: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(name)
    path = tmp_path / name
    statuses: dict[int, int] = {0: 0, 2: 0}
    tracemalloc.start()
    try:
        for _ in range(ROUNDS):
            path.write_bytes(damaged(originals[name], chance))
            status = run(["errors", str(path), "-f", "Q8_0", "--json"])
            out, err = capsys.readouterr()
            statuses[status] += 1  # any other status, or an exception, fails
            if status == 2:
                assert out == "" and len(err.splitlines()) == 1 and err.startswith("qtui errors: ")
            else:
                assert err == "" and out.startswith("{")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 << 20
    assert statuses[0] > ROUNDS // 20 and statuses[2] > ROUNDS // 20
