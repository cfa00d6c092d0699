"""Checkpoints with shapes, dtypes and values that don't belong: decoded or refused in a sentence, never a crash."""

import json
import random
import struct
from pathlib import Path
from typing import Any

import pytest

from qtui.compute.dtypes import DTYPES
from qtui.models.files.open import open_model
from qtui.models.files.source import ModelFileError
from qtui.models.quantized.join import joined
from qtui.models.tensors.values import TensorData
from tests.support.quantizer_files import QuantizerFile, quantizer_files

ODD = (None, 0, -1, 7, "x", [], {}, [3, 5], 1 << 40, 1.5, True)
RUNS = 20


def damaged(made: QuantizerFile, rng: random.Random) -> QuantizerFile:
    """The file with one to three of its tensors described, or filled, in another way; sometimes an odd config."""
    size = struct.unpack("<Q", made.file[:8])[0]
    header, data = json.loads(made.file[8 : 8 + size]), bytearray(made.file[8 + size :])
    names = [name for name in header if name != "__metadata__"]
    for _ in range(rng.randint(1, 3)):
        name, other = rng.choice(names), rng.choice(names)
        rng.choice((retyped, reshaped, swapped, filled))(header, data, name, other, rng)
    config = json.loads(made.config)
    settings = config.get("quantization_config") or config.get("quantization")
    for key in settings if rng.random() < 0.3 else ():
        settings[key] = rng.choice(ODD)
    raw = json.dumps(header).encode()
    return QuantizerFile(struct.pack("<Q", len(raw)) + raw + data, json.dumps(config).encode(), {})


def retyped(header: dict[str, Any], data: bytearray, name: str, other: str, rng: random.Random) -> None:
    bits = DTYPES[header[name]["dtype"]].bits
    header[name]["dtype"] = rng.choice([dtype.name for dtype in DTYPES.values() if dtype.bits == bits])


def reshaped(header: dict[str, Any], data: bytearray, name: str, other: str, rng: random.Random) -> None:
    shape = header[name]["shape"]
    rng.shuffle(shape)
    if shape and shape[0] % 2 == 0:
        shape[0] //= 2
        shape.insert(rng.randrange(len(shape) + 1), 2)


def swapped(header: dict[str, Any], data: bytearray, name: str, other: str, rng: random.Random) -> None:
    header[name], header[other] = header[other], header[name]


def filled(header: dict[str, Any], data: bytearray, name: str, other: str, rng: random.Random) -> None:
    start, stop = header[name]["data_offsets"]
    data[start:stop] = rng.randbytes(stop - start)


@pytest.mark.parametrize("name", quantizer_files())
def test_what_does_not_belong_together(name: str, tmp_path: Path) -> None:
    rng = random.Random(name)
    for _ in range(RUNS):
        path = damaged(quantizer_files()[name], rng).save(tmp_path)
        try:
            model = joined(open_model(path))
        except ModelFileError:
            continue
        for tensor in model.tensors:
            try:
                with TensorData(tensor) as data:
                    assert data.values(0, data.count).size == tensor.count
            except ModelFileError as error:
                assert "\n" not in str(error)
