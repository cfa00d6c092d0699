"""Thousands of mutations of small valid files: each is a model or one clear line, and none takes much memory.

QTUI_FUZZ sets how many mutations of each kind are tried; more than the default is for trying by hand.
"""

import os
import random
import resource
import struct
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtui.draw.glyphs import UNICODE
from qtui.draw.inspect import inspect_report
from qtui.models.files.architecture import read_architecture
from qtui.models.files.open import open_model
from qtui.models.files.source import ModelFileError
from qtui.models.tensors.values import TensorData
from qtui.scenario.inspect import InspectScenario, json_object, solve
from tests.support.made_files import array, gguf_bytes, safetensors_bytes, save, text

MUTATIONS = int(os.environ.get("QTUI_FUZZ", "1500"))
MEMORY = 8 << 20  # the files have some hundred bytes; a header is read in windows of 1 MiB
ENDS = (0, 1, 0x7F, 0x80, 0xFF, 1 << 16, 1 << 31, (1 << 32) - 1, 1 << 62, 1 << 63, (1 << 64) - 1)

GGUF = gguf_bytes(
    [
        ("general.architecture", 8, text("llama")),
        ("general.alignment", 4, struct.pack("<I", 32)),
        ("llama.block_count", 4, struct.pack("<I", 1)),
        ("llama.embedding_length", 4, struct.pack("<I", 32)),
        ("llama.attention.head_count", 9, array(4, 1, struct.pack("<I", 2))),
        ("llama.rope.freq_base", 6, struct.pack("<f", 1e4)),
        ("tokenizer.ggml.tokens", 9, array(8, 3, text("a") + text("") + text("\xff"))),
        ("flag", 7, b"\1"),
    ],
    [
        ("token_embd.weight", (32, 4), 0, 0),
        ("blk.0.attn_q.weight", (32, 32), 8, 512),
        ("blk.0.ffn_up.weight", (32, 2, 2), 1, 1600),
    ],
    bytes(1856),
)
SAFETENSORS = safetensors_bytes(
    {
        "__metadata__": {"format": "pt"},
        "model.layers.0.w": {"dtype": "F32", "shape": [2, 4], "data_offsets": [0, 32]},
        "b": {"dtype": "BF16", "shape": [4], "data_offsets": [32, 40]},
        "e": {"dtype": "I8", "shape": [0, 7], "data_offsets": [40, 40]},
    },
    bytes(40),
)
NPY_HEADER = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".ljust(69) + b"\n"
FORTRAN = NPY_HEADER.replace(b"False", b"True ")
NPY = b"\x93NUMPY\x01\x00\x46\x00" + NPY_HEADER + bytes(24)
INDEX = b'{"metadata": {"total_size": 8}, "weight_map": {"a": "a.safetensors", "b": "b.safetensors"}}'
CONFIG = (
    b'{"model_type": "qwen3_moe", "hidden_size": 64, "num_hidden_layers": 2, "vocab_size": 9, "num_experts": 4,'
    b'"num_attention_heads": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 8, "layer_types": ["a", "b"]}'
)
SEEDS = {
    "gguf": GGUF,
    "safetensors": SAFETENSORS,
    "npy": NPY,
    "fortran.npy": NPY.replace(NPY_HEADER, FORTRAN),
    "index.json": INDEX,
    "json": CONFIG,
}


def mutated(data: bytes, rng: random.Random) -> bytes:
    """`data` with one to four random changes."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(out)) if out else 0
        size = rng.choice((1, 2, 4, 8, 16, 64))
        change = rng.randrange(8)
        if change == 0 and out:
            out[at] ^= 1 << rng.randrange(8)
        elif change == 1:
            out[at : at + 1] = rng.randbytes(1)
        elif change == 2:
            del out[at : at + size]
        elif change == 3:
            out[at:at] = rng.randbytes(size)
        elif change == 4:
            out[at:at] = out[at : at + size]
        elif change == 5:
            del out[at:]
        elif change == 6:
            out[at : at + 8] = struct.pack("<Q", rng.choice(ENDS))
        else:
            out[at : at + size] = rng.choice((b"0", b"[", b"{", b'"', b"9", b"\\", b"}", b",")) * size
    return bytes(out)


def use(path: str) -> bool:
    """Open the file and do with it what qtui does: True where it is a model, False where one line refuses it."""
    try:
        model = open_model(path)
        result = solve(InspectScenario(path))
        json_object(result)
        inspect_report(result, 80, UNICODE)
        read_architecture(model)
        for tensor in model.tensors:
            assert tensor.offset + tensor.nbytes <= os.path.getsize(tensor.path)
            for mapped in (False, True):
                with TensorData(tensor, mapped=mapped) as data:
                    assert sum(chunk.size for _, chunk in data.chunks()) == tensor.count
    except ModelFileError as error:
        assert str(error) and "\n" not in str(error).replace("\\n", "") and len(str(error)) < 600
        return False
    return True


@pytest.fixture
def bounded() -> Iterator[None]:
    tracemalloc.start()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MEMORY


@pytest.mark.parametrize("kind", SEEDS)
def test_the_files_that_are_mutated_are_whole(tmp_path: Path, kind: str) -> None:
    if kind == "index.json":
        for name in "ab":
            header = {name: {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}}
            save(tmp_path / f"{name}.safetensors", safetensors_bytes(header, bytes(4)))
    assert use(save(tmp_path / f"m.{kind}", SEEDS[kind]))


@pytest.mark.parametrize("kind", SEEDS)
def test_mutations(tmp_path: Path, kind: str, bounded: None) -> None:
    rng = random.Random(f"mutations of {kind}")
    for name in "ab":
        save(tmp_path / f"{name}.safetensors", SAFETENSORS)
    usable = sum(use(save(tmp_path / f"m.{kind}", mutated(SEEDS[kind], rng))) for _ in range(MUTATIONS))
    assert usable < MUTATIONS


@settings(max_examples=60, deadline=None)
@given(
    data=st.binary(max_size=200),
    head=st.sampled_from([b"", b"GGUF\3\0\0\0", b"\x93NUMPY\1\0", b'{"', bytes(8) + b"{"]),
)
def test_any_bytes_after_any_magic(tmp_path_factory: pytest.TempPathFactory, head: bytes, data: bytes) -> None:
    use(save(tmp_path_factory.mktemp("any") / "m", head + data))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "__metadata__", "\ud800", ""]),
        json_values
        | st.fixed_dictionaries(
            {"dtype": st.sampled_from(["U8", "F4", "C64"]), "shape": st.lists(st.integers(-1, 2**64), max_size=3)},
            optional={"data_offsets": st.lists(st.integers(-1, 2**64), max_size=3), "x": json_values},
        ),
    )
)
def test_any_json_as_a_header(tmp_path_factory: pytest.TempPathFactory, header: object) -> None:
    use(save(tmp_path_factory.mktemp("header") / "m.safetensors", safetensors_bytes(header, bytes(16))))


FIELDS = ["hidden_size", "num_hidden_layers", "num_attention_heads", "head_dim", "layer_types", "sliding_window"]
FIELDS += ["num_experts", "moe_layer_freq", "text_config", "linear_attn_config", "quantization_config", "model_type"]


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), json_values))
def test_any_values_in_a_config(values: dict[str, object]) -> None:
    from qtui.models.config.reader import architecture_of

    whole = {
        "model_type": "qwen3",
        "hidden_size": 64,
        "num_hidden_layers": 2,
        "vocab_size": 9,
        "intermediate_size": 8,
    }
    try:
        architecture_of(whole | {"num_attention_heads": 4} | values, "config.json")
    except ModelFileError as error:
        assert "\n" not in str(error)


def bomb_of_lists() -> bytes:
    return safetensors_bytes(b'{"a":[' + b"[]," * 2_000_000 + b"[]]}", b"")


def bomb_of_numbers() -> bytes:
    return safetensors_bytes(b'{"a":{"dtype":"U8","shape":[' + b"1," * 2_000_000 + b'1],"data_offsets":[0,1]}}', b"")


def bomb_of_index() -> bytes:
    return b'{"weight_map":{"a":[' + b"[]," * 2_000_000 + b"[]]}}"


def bomb_of_members() -> bytes:
    return b'{"metadata":[' + b"[]," * 2_000_000 + b'[]],"weight_map":{}}'


def bomb_of_config() -> bytes:
    return b'{"model_type":[' + b"[]," * 2_000_000 + b"[]]}"


def bomb_of_depth() -> bytes:
    return safetensors_bytes(b'{"a":' + b"[" * 1_000_000, b"")


def bomb_of_strings() -> bytes:
    return gguf_bytes([("a", 9, struct.pack("<IQ", 8, 1 << 40))], [], bytes(1 << 20))


def bomb_of_names() -> bytes:
    return gguf_bytes([], [], bytes(1 << 20), counts=(1 << 18, 0))


@pytest.mark.parametrize(
    "make",
    [
        bomb_of_lists,
        bomb_of_numbers,
        bomb_of_index,
        bomb_of_members,
        bomb_of_config,
        bomb_of_depth,
        bomb_of_strings,
        bomb_of_names,
    ],
)
def test_bombs_take_little_more_than_their_size(tmp_path: Path, make: Callable[[], bytes]) -> None:
    data = make()
    path = save(tmp_path / ("config.json" if make is bomb_of_config else "m.index.json"), data)
    tracemalloc.start()
    assert not use(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * len(data) + MEMORY


def sparse(path: Path, head: bytes) -> str:
    save(path, head)
    os.truncate(path, 16 << 30)
    return str(path)


SPARSE = {
    "a good header": gguf_bytes([], [("t", (4 << 30,), 24, 0)], b""),
    "a text of zeros": gguf_bytes([("k", 8, struct.pack("<Q", 1 << 30))], [], b""),
    "strings of zeros": gguf_bytes([("a", 9, struct.pack("<IQ", 8, 1 << 22))], [], b"", counts=(9, 2)),
    "keys of zeros": gguf_bytes([], [], b"", counts=(0, 1 << 16)),
    "tensors of zeros": gguf_bytes([], [], b"", counts=(1 << 18, 0)),
    "numbers of zeros": gguf_bytes([("a", 9, struct.pack("<IQ", 12, 1 << 30))], [], b""),
    "a header of zeros": struct.pack("<Q", 90_000_000) + b'{"',
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peak memory is read from /proc")
@pytest.mark.parametrize("name", SPARSE)
def test_sparse_files_of_16_gib_are_read_in_60_mb(tmp_path: Path, name: str) -> None:
    """A fresh interpreter, so that its peak is its own; a header of up to 100 MB is the format's own limit."""
    path = sparse(tmp_path / "m.gguf", SPARSE[name])
    code = (
        "from qtui.models.files.open import open_model; from qtui.models.files.source import ModelFileError\n"
        f"try: print(len(open_model({path!r}).tensors))\n"
        "except ModelFileError as error: print(error)\n"
        "print(next(row.split()[1] for row in open('/proc/self/status') if row.startswith('VmHWM')))"
    )
    limit = 512 << 20

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, preexec_fn=limited, check=True
    )
    message, peak = done.stdout.splitlines()
    assert message in ("0", "1") if name in ("a good header", "numbers of zeros") else "corrupt" in message
    assert int(peak) << 10 < (240 << 20 if name == "a header of zeros" else 60 << 20)
