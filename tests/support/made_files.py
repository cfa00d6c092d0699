"""Small model files, made byte by byte or by the reference packages."""

import json
import struct
from pathlib import Path
from typing import Any

import gguf
import numpy as np

Pair = tuple[str, int, bytes]  # key, value type, value bytes


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def array(of: int, count: int, items: bytes) -> bytes:
    return struct.pack("<IQ", of, count) + items


def gguf_bytes(
    pairs: list[Pair],
    tensors: list[tuple[str, tuple[int, ...], int, int]],
    data: bytes,
    *,
    version: int = 3,
    counts: tuple[int, int] | None = None,
    alignment: int = 32,
) -> bytes:
    """A GGUF file. Tensors are (name, dimensions innermost first, type id, offset in the data)."""
    tensor_count, key_count = counts or (len(tensors), len(pairs))
    out = b"GGUF" + struct.pack("<IQQ", version, tensor_count, key_count)
    for key, kind, value in pairs:
        out += text(key) + struct.pack("<I", kind) + value
    for name, dims, type_id, offset in tensors:
        out += text(name) + struct.pack("<I", len(dims)) + struct.pack(f"<{len(dims)}Q", *dims)
        out += struct.pack("<IQ", type_id, offset)
    return out + bytes(-len(out) % alignment) + data


def safetensors_bytes(header: Any, data: bytes) -> bytes:
    """A safetensors file; `header` is JSON text as bytes, or a value to be written as JSON."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(raw)) + raw + data


def save(path: Path, data: bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


def write_imatrix(path: Path, model_names: list[str], importance: np.ndarray[Any, Any], old: bool) -> str:
    """What llama-imatrix writes for tensors of one width: a GGUF, or the `old` list of entries."""
    if old:
        data = struct.pack("<i", len(model_names))
        for name in model_names:
            data += struct.pack("<i", len(name)) + name.encode() + struct.pack("<ii", 4, importance.size)
            data += (importance * 4).astype("<f4").tobytes()
        path.write_bytes(data)
    else:
        writer = gguf.GGUFWriter(str(path), "imatrix")
        writer.add_type("imatrix")
        for name in model_names:
            writer.add_tensor(f"{name}.in_sum2", (importance * 4).astype(np.float32).reshape(1, -1))
            writer.add_tensor(f"{name}.counts", np.array([[4.0]], np.float32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    return str(path)
