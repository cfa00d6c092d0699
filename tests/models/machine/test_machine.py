"""The machine: sizes, limits, cards, overrides and the list of machines to simulate."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from qtui.error import QtuiError
from qtui.models.machine import gpus as machine_gpus
from qtui.models.machine.detect import detect, keep_bandwidth, with_kept_bandwidth
from qtui.models.machine.gpus import amd_gpus, nvidia_gpus, parse_cards, published
from qtui.models.machine.linux import read_memory
from qtui.models.machine.list import CARDS, MACHINES, simulated
from qtui.models.machine.machine import Gpu, Machine, parse_size, with_overrides
from qtui.models.machine.named import named
from qtui.models.published.speed import measurements

GIB = 1 << 30


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("64GB", 64 * 10**9),
        ("64GiB", 64 * GIB),
        ("24g", 24 * 10**9),
        (" 1.5 TB ", 1500 * 10**9),
        ("0.5KiB", 512),
        ("100b", 100),
        ("0", 0),
        ("1.1GB", 1_100_000_000),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["64", "", "GB", "-1GB", "1e9GB", "64PB", "nan", "64 GB RAM", "12i", "9" * 30 + "GB"]
)
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(QtuiError, match="unit|amount|more memory"):
        parse_size(text)


def fake_root(tmp_path: Path, files: dict[str, str]) -> str:
    for name, content in {"proc/meminfo": "MemTotal: 8000 kB\nMemAvailable:    6000 kB\n", **files}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return str(tmp_path)


MB = 1 << 20


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, (8000 * 1024, 6000 * 1024, None)),
        (
            {"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "max\n"},
            (8000 * 1024, 6000 * 1024, None),
        ),
        (
            {
                "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/b/memory.max": "max\n",
                "sys/fs/cgroup/a/memory.max": f"{4 * MB}\n",
                "sys/fs/cgroup/a/memory.current": f"{3 * MB}\n",
                "sys/fs/cgroup/a/memory.stat": f"anon 5\ninactive_file {MB}\n",
            },
            (8000 * 1024, 2 * MB, 4 * MB),
        ),
        (
            {
                "proc/self/cgroup": "5:cpu:/x\n4:blkio,memory:/x\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{3 * MB}",
                "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{5 * MB}",
                "sys/fs/cgroup/memory/x/memory.limit_in_bytes": "9223372036854771712",
            },
            (8000 * 1024, 0, 3 * MB),
        ),
        (
            {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": f"{1 << 40}"},
            (8000 * 1024, 6000 * 1024, None),
        ),
        ({"proc/self/cgroup": "nonsense\n::\n0::/../..\n"}, (8000 * 1024, 6000 * 1024, None)),
    ],
)
def test_linux_memory_and_limits(
    tmp_path: Path, files: dict[str, str], expected: tuple[int, int, int | None]
) -> None:
    notes: list[str] = []
    assert read_memory(notes, fake_root(tmp_path, files)) == expected
    assert notes == []


def test_an_unreadable_meminfo_is_noted(tmp_path: Path) -> None:
    notes: list[str] = []
    assert read_memory(notes, str(tmp_path)) == (0, 0, None)
    assert "--ram" in notes[0]


def test_cards_as_nvidia_smi_prints_them() -> None:
    notes: list[str] = []
    text = "NVIDIA GeForce RTX 4090, 24564, 23000\nNVIDIA GB10, [N/A], [N/A]\nhello\n\n"
    cards, shared = parse_cards(text, notes)
    assert cards == (Gpu("NVIDIA GeForce RTX 4090", 24564 << 20, 23000 << 20),)
    assert shared and "shares the RAM" in notes[0] and "no card" in notes[1]


def test_cards_of_the_amdgpu_driver(tmp_path: Path) -> None:
    device = "sys/class/drm/card{}/device/{}"
    files = {
        device.format(0, "mem_info_vram_total"): f"{512 << 20}\n",
        device.format(1, "mem_info_vram_total"): f"{24 * GIB}\n",
        device.format(1, "mem_info_vram_used"): f"{GIB}\n",
        device.format(1, "product_name"): "Radeon RX 7900 XTX\n",
        device.format("1-DP-1", "mem_info_vram_total"): f"{24 * GIB}\n",
        device.format(2, "vendor"): "0x10de\n",
    }
    notes: list[str] = []
    assert amd_gpus(notes, fake_root(tmp_path, files)) == (Gpu("Radeon RX 7900 XTX", 24 * GIB, 23 * GIB, kind="amd"),)
    assert notes == ["AMD card0 is integrated and shares the RAM"]
    assert published(Gpu("Radeon RX 7900 XTX", 0, 0)).bandwidth == 960 * 10**9
    assert amd_gpus(notes, str(tmp_path / "nothing")) == ()


@pytest.mark.parametrize(
    ("script", "count", "words"),
    [
        ("echo 'NVIDIA H200, 143771, 143000'", 1, ""),
        ("echo 'No devices were found'; exit 6", 0, "failed (No devices"),
        ("exec sleep 30", 0, "did not answer"),
        ("printf '\\377\\376'", 0, "which is no card"),
    ],
)
def test_nvidia_smi_of_every_mood(
    tmp_path: Path, script: str, count: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(machine_gpus, "TIMEOUT", 0.3)
    notes: list[str] = []
    cards, _ = nvidia_gpus(notes)
    assert len(cards) == count
    assert words in " ".join(notes)


@pytest.mark.parametrize(
    ("name", "gbs"),
    [
        ("NVIDIA GeForce RTX 4060 Ti", 288),
        ("NVIDIA GeForce RTX 4060", 272),
        ("NVIDIA H100 80GB HBM3", 3350),
        ("NVIDIA H100 PCIe", 2000),
        ("NVIDIA A100-SXM4-80GB", 2039),
        ("NVIDIA GeForce GT 710", None),
        ("NVIDIA GeForce RTX 3050 Ti", None),
        ("NVIDIA GeForce RTX 3060 Ti", 448),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", 576),
        ("NVIDIA GeForce RTX 4050 Laptop GPU", None),
    ],
)
def test_published_bandwidth_of_a_card(name: str, gbs: int | None) -> None:
    assert published(Gpu(name, 0, 0)).bandwidth == (gbs and gbs * 10**9)


def test_this_machine() -> None:
    result = detect()
    assert 0 < result.ram_available <= result.ram_total
    if sys.platform.startswith("linux"):
        assert result.ram_total == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_overrides() -> None:
    base = Machine("m", 8 * GIB, 5 * GIB, 6 * GIB, unified=True, gpu_share=4 * GIB)
    more = with_overrides(base, ram=64 * GIB)
    assert (more.ram_total, more.ram_available, more.ram_limit, more.unified) == (64 * GIB, 64 * GIB, None, True)
    card = with_overrides(base, vram=[24 * GIB])
    assert (card.vram_total, card.vram_free, card.unified) == (24 * GIB, 24 * GIB, False)
    assert with_overrides(card, vram=[0]).gpus == ()
    assert with_overrides(base) == base


@pytest.mark.parametrize(
    ("text", "name", "gib"),
    [
        ("laptop64", "laptop 64GB", 64),
        ("laptop-64", "laptop-64GB", 64),
        ("Laptop 32", "laptop 32GB", 32),
        ("m1max64", "MacBook Pro M1 Max 64GB", 64),
        ("m4pro", "MacBook Pro M4 Pro 48GB", 48),
        ("rtx4060ti", "RTX 4060 Ti", 64),
        ("rx7900xtx", "RX 7900 XTX", 64),
        ("2xrtx3090", "2xrtx 3090", 128),
        ("strixhalo", "Ryzen AI Max 395 64GB (Strix Halo)", 64),
        ("strix-halo128gb", "Ryzen AI Max 395 128GB (Strix Halo)", 128),
        ("4070tisuper", "RTX 4070 Ti SUPER", 64),
        ("2x4070tisuper", "2x 4070 ti super", 128),
        ("macbookprom4max", "MacBook Pro M4 Max 64GB", 64),
        ("MI300X", "MI300X", 64),
        ("A100 80GB", "A100 80GB", 64),
    ],
)
def test_letters_and_digits_written_together(text: str, name: str, gib: int) -> None:
    machine = named(text)
    assert (machine.name, machine.ram_total) == (name, gib * GIB)


@pytest.mark.parametrize("text", ["banana64", "rtx9999", "rtx 64", "laptop 7"])
def test_what_no_spelling_makes_a_machine_is_refused_as_it_was_typed(text: str) -> None:
    with pytest.raises(QtuiError, match=f"'{text}'"):
        named(text)


def test_the_list_is_sound() -> None:
    assert len({m.name for m in MACHINES}) == len(MACHINES)
    assert len({card.name for card in CARDS}) == len(CARDS)
    for machine in MACHINES:
        assert simulated(machine.name) == machine
        assert machine.source and machine.ram_total >= 8 * GIB
        assert 10**10 < (machine.bandwidth or 0) < 2 * 10**12
        assert all(10**11 < (gpu.bandwidth or 0) < 10**13 for gpu in machine.gpus)
    for card in CARDS:
        assert published(Gpu(f"NVIDIA {card.name}", 0, 0)).bandwidth == card.bandwidth


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("4090", "RTX 4090"),
        ("h100 8x", "8x H100"),
        ("m4 max 128gb", "MacBook Pro M4 Max 128GB"),
        ("spark", "DGX Spark 128GB"),
    ],
)
def test_machines_are_found_by_their_words(name: str, result: str) -> None:
    assert simulated(name).name == result


@pytest.mark.parametrize(
    ("name", "words"), [("macbook", "name one of them"), ("RTX 4099", "did you mean"), ("", "try")]
)
def test_machines_that_are_not_found(name: str, words: str) -> None:
    with pytest.raises(QtuiError, match=words):
        simulated(name)


def test_bandwidth_is_measured_and_says_how() -> None:
    from qtui.models.machine.bandwidth import measure

    result = measure(seconds=0.01, size=1 << 20)
    assert result.bandwidth > 10**8
    assert "read sweeps over 1 MiB" in result.method


def test_a_measured_bandwidth_is_kept_for_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    here = Machine("this machine", 64 * GIB, 60 * GIB, source="read now")
    assert with_kept_bandwidth(here) == here
    keep_bandwidth(here, 40 * 10**9, "best of 3 read sweeps")
    known = with_kept_bandwidth(here)
    assert (known.bandwidth, known.swept) == (40 * 10**9, True) and "best of 3" in known.source
    other = here._replace(ram_total=32 * GIB)
    assert with_kept_bandwidth(other) == other


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '{"of": 1, "bandwidth": "4"}', '{"bandwidth": true}'])
def test_a_damaged_note_of_the_bandwidth_is_no_bandwidth(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    here = Machine("this machine", 64 * GIB, 60 * GIB)
    keep_bandwidth(here, 40 * 10**9, "")
    (tmp_path / "qtui" / "bandwidth.json").write_text(text)
    assert with_kept_bandwidth(here) == here


def test_looking_at_the_machine_needs_neither_numpy_nor_psutil_on_linux() -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("elsewhere psutil is what is asked")
    code = "import sys; from qtui.models.machine.detect import detect; detect(); print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert not {"numpy", "psutil"} & set(out.split())


@pytest.mark.parametrize(
    ("text", "cards", "ram"),
    [
        ("2x RTX 3090", ["RTX 3090"] * 2, 128),
        ("3x RTX 5080", ["RTX 5080"] * 3, 128),
        ("RTX 4090 + RTX 3060, 96GB RAM", ["RTX 4090", "RTX 3060"], 96),
        ("Tesla P40", ["Tesla P40"], 64),
        ("2x 3090", ["RTX 3090"] * 2, 128),
        ("64 GB laptop", [], 64),
        ("M1 Max 32GB", [], 32),
        ("M2 Pro", [], 32),
        ("M4", [], 16),
        ("Ryzen 7950X", [], 64),
        ("Ryzen 7950X 128GB", [], 128),
        ("A100 SXM", ["A100 80GB"], 64),
        ("RTX 4060 Ti 16GB", ["RTX 4060 Ti"], 64),
        ("RTX 4090 64GB", ["RTX 4090"], 64),
        ("3x RTX 3080 256GB", ["RTX 3080"] * 3, 256),
        ("RTX 4090 laptop", ["RTX 4090 laptop"], 64),
        ("M1 16GB", [], 16),
        ("Strix Halo 128GB", [], 128),
    ],
)
def test_machines_by_what_people_call_them(text: str, cards: list[str], ram: int) -> None:
    machine = named(text)
    assert [gpu.name for gpu in machine.gpus] == cards and machine.ram_total == ram * GIB and machine.bandwidth


def test_what_no_card_holds_is_the_ram_beside_it() -> None:
    sizes = {text: named(text).gpus[0].total for text in ("RTX 4090 64GB", "RTX 4090 48GB", "RTX 4060 Ti 8GB")}
    assert [size // GIB for size in sizes.values()] == [24, 48, 8]


def test_names_of_chips_and_sizes_of_cards_are_not_mistaken() -> None:
    assert named("RTX 4060 Ti 8GB").gpus[0].total == 8 * GIB and named("RTX 4060 Ti 16GB").gpus[0].total == 16 * GIB
    assert named("M1 16GB").bandwidth == 68_250_000_000 and named("M1 Pro 16GB").bandwidth == 200 * 10**9


def test_a_chip_with_more_memory_than_it_is_sold_with_is_asked_for() -> None:
    assert named("M3 Max 64GB").ram_total == 64 << 30 and named("M4 32GB").ram_total == 32 << 30
    with pytest.raises(QtuiError, match="an M3 has at most 24 GB; is it an M3 Pro, Max or Ultra"):
        named("MacBook M3 64GB")


def test_a_name_that_is_no_machine_stays_an_error() -> None:
    for text in ("no such thing", "64GB of nothing", "17x RTX 3090", "RTX 4090 + toaster"):
        with pytest.raises(QtuiError):
            named(text)


def test_every_measured_device_is_a_machine() -> None:
    for row in measurements():
        if row.device and row.code != "2023":
            machine = named(row.device)
            card = machine.gpus[0] if machine.gpus else machine
            assert card.bandwidth == row.bandwidth, row.device
