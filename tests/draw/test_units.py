"""Sizes and counts as text."""

import pytest

from qtui.draw.glyphs import UNICODE
from qtui.draw.inspect import shortened_name
from qtui.draw.units import binary, decimal, percent, short_count


@pytest.mark.parametrize(
    ("size", "in_binary", "in_decimal"),
    [
        (0, "0 B", "0 B"),
        (999, "999 B", "999 B"),
        (1024, "1.00 KiB", "1.02 kB"),
        (16_060_522_496, "14.96 GiB", "16.06 GB"),
        (159_348_782_592, "148.4 GiB", "159.3 GB"),
        (1024**3 - 1, "1.00 GiB", "1.07 GB"),
        (10**12 - 1, "931.3 GiB", "1.00 TB"),
        (2**60, "1,024 PiB", "1,153 PB"),
    ],
)
def test_bytes(size: int, in_binary: str, in_decimal: str) -> None:
    assert (binary(size), decimal(size)) == (in_binary, in_decimal)


def test_counts_and_shares() -> None:
    assert [short_count(n) for n in (7, 596_049_920, 8_030_261_248, 10**12)] == ["7", "596.0 M", "8.03 B", "1.00 T"]
    assert [percent(*p) for p in ((1, 3), (0, 3), (1, 10**6), (1, 0))] == ["33.3 %", "0.0 %", "<0.1 %", "-"]


def test_shortened_names_keep_their_layer() -> None:
    name = "model.layers.17.mlp.experts.3.down_proj.weight"
    assert shortened_name(name, 99, UNICODE) == name
    assert shortened_name(name, 40, UNICODE) == "model.layers.17.mlp.experts.3.down_proj"
    assert shortened_name(name, 24, UNICODE) == "….17.…xperts.3.down_proj"
    assert shortened_name("embeddings.word_embeddings.weight", 20, UNICODE) == "embeddi…d_embeddings"
    for room in range(3, 50):
        assert len(shortened_name(name, room, UNICODE)) <= room
