"""`qtui mem` as a person and as a script use it."""

import json
from pathlib import Path

import pytest

from qtui.cli.main import run
from qtui.models.machine import bandwidth, detect
from qtui.models.machine.machine import Machine


def asked(capsys: pytest.CaptureFixture[str], *args: str) -> dict:
    assert run(["mem", *args, "--json"]) == 0
    answer: dict = json.loads(capsys.readouterr().out)
    return answer


def test_the_stable_keys_and_that_the_terms_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(capsys, "Qwen3-8B")
    keys = "model parameters format weights_bytes bits_per_weight context sequences kv_cache_bytes state_bytes"
    keys += " compute_bytes total_bytes available_bytes fits max_context terms"
    assert set(keys.split()) <= set(answer)
    assert sum(term["bytes"] for term in answer["terms"]) == answer["total_bytes"]
    assert all(set(term) >= {"name", "formula", "bytes"} for term in answer["terms"])
    assert answer["weights_bytes"] == 2 * 8_190_735_360


@pytest.mark.parametrize("options", [(), ("--format", "bf16"), ("--format", "bfloat16")])
def test_the_essays_model_at_16_bits(capsys: pytest.CaptureFixture[str], options: tuple[str, ...]) -> None:
    assert asked(capsys, "Qwen3-Coder-Next", *options)["weights_bytes"] == 159_348_782_592


def test_the_largest_context_by_name_and_a_word_on_more(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(capsys, "Qwen3-8B", "-c", "max")["context"] == 40_960
    here = ("--machine", "laptop 16GB", "--ram", "16GB")
    given = asked(capsys, "Qwen3-8B", "-c", "40960", *here)["notes"]
    assert given == ["RAM as given, taken to be free, and as fast as that of laptop 16GB"]
    assert "trained for 40,960 tokens, not 65,536" in asked(capsys, "Qwen3-8B", "-c", "64k")["notes"][0]
    assert asked(capsys, "Qwen3-8B", "-c", "64k", "-n", "4", *here)["notes"] == given


def test_words_need_no_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(capsys, "qwen3", "8b", "-c", "32k")["context"] == 32768


def test_bad_input_is_one_line_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    for args in (["gpt-oss"], ["nonsense"], ["Qwen3-8B", "--format", "Q9_K"], ["Qwen3-8B", "--ctx", "many"]):
        assert run(["mem", *args]) == 2
        written = capsys.readouterr()
        assert written.err.count("\n") == 1 and not written.out


def test_fits_answers_by_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mem", "Qwen3-8B", "--ram", "64GB", "--vram", "0", "--fits"]) == 0
    assert "fits, 46.08 GB to spare of 64.00 GB" in capsys.readouterr().out
    assert run(["mem", "Qwen3-8B", "--ram", "8GB", "--vram", "0", "--fits"]) == 1
    assert "does not fit, 9.92 GB more than the 8.00 GB" in capsys.readouterr().out
    assert run(["mem", "Qwen3-8B", "-f", "Q4_K_M,native", "--ram", "12GB", "--vram", "0", "--fits", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["fits"] is True


def test_vision_and_draft_modules_are_apart_until_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    plain = asked(capsys, "Qwen3.6-27B", "-f", "Q8_0")
    assert {extra["name"] for extra in plain["extras"]} == {"mtp", "vision"}
    groups = {term["group"] for term in plain["terms"]}
    assert not groups & {"mtp", "vision"}
    full = asked(capsys, "Qwen3.6-27B", "-f", "Q8_0", "--vision", "--mtp", "3")
    sizes = {extra["name"]: extra["bytes"] for extra in plain["extras"]}
    assert full["state_bytes"] == 4 * plain["state_bytes"]
    # One layer of 4 key-value heads of 256 for the draft.
    draft = 8192 * 2 * 4 * 256 * 2
    assert full["kv_cache_bytes"] == plain["kv_cache_bytes"] + draft
    more = sizes["mtp"] + sizes["vision"] + draft + 3 * plain["state_bytes"]
    assert full["total_bytes"] == plain["total_bytes"] + more


def test_several_models_and_formats_in_one_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mem", "Qwen3-8B,gpt-oss-20b", "-f", "Q4_K_M,native", "--machine", "laptop 16GB"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0] == "✓ 1 of 4 fits" and "Plans of each" in "\n".join(table)
    assert [line.split()[:2] for line in table[4:8]] == [
        ["Qwen3-8B", "Q4_K_M"],
        ["Qwen3-8B", "native"],
        ["gpt-oss-20b", "Q4_K_M"],
        ["gpt-oss-20b", "native"],
    ]
    assert max(map(len, table)) <= 80
    answer = asked(capsys, "Qwen3-8B,gpt-oss-20b")
    assert [other["model"] for other in answer["compared"]] == ["openai/gpt-oss-20b"]


def test_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mem", "Qwen3-8B", "-f", "Q8_0", "--markdown", "--machine", "RTX 4090"]) == 0
    text = capsys.readouterr().out
    assert "| KV cache | KV cache | 1,207,959,552 | 1.12 GiB | 36 layers × 8,192 cells" in text
    assert "| **total** | | **10,239,463,424** |" in text


def test_a_card_holds_what_it_can(capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(capsys, "Qwen3-Coder-Next", "-f", "Q4_K_M", "--machine", "RTX 4090")
    split = answer["offload"]
    assert not answer["fits"] and 0 < split["layers"] < split["of"] == 48
    assert split["gpu"] <= answer["available_bytes"] == (24 << 30) - (512 << 20)
    assert split["experts_gpu"] <= answer["available_bytes"] and split["experts_in_ram"] > 0
    low, high = answer["tokens_per_second"]
    assert 0 < low < high
    whole = asked(capsys, "Qwen3-8B", "-f", "Q4_K_M", "--machine", "RTX 4090")
    assert whole["fits"] and whole["offload"]["layers"] == 36
    # llama.cpp leaves the embedding table in RAM.
    assert whole["gpu_bytes"] == whole["total_bytes"] - 151_936 * 4096 // 256 * 144


def test_gb_and_gib_of_a_card_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    notes = asked(capsys, "Qwen3-8B", "--vram", "24GB", "--ram", "64GB")["notes"]
    assert any("24 GB are 22.35 GiB; a card sold as 24 GB has 24 GiB" in note for note in notes)
    assert not any("sold as" in note for note in asked(capsys, "Qwen3-8B", "--vram", "24GiB")["notes"])


def test_a_typed_architecture_is_the_model_it_describes(capsys: pytest.CaptureFixture[str]) -> None:
    typed = "layers=32,hidden=4096,heads=32,kv=8,ffn=14336,vocab=128256"
    for options in ((), ("-f", "Q4_K_M", "-c", "128k", "--kv-type", "q8_0/q4_0")):
        one, other = asked(capsys, "--arch", typed, *options), asked(capsys, "Llama-3.1-8B", *options)
        assert one["total_bytes"] == other["total_bytes"] and one["kv_cache_bytes"] == other["kv_cache_bytes"]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("layers=32", "also needs hidden"),
        ("layers=x", "whole number for layers"),
        ("layers=99999999999,hidden=64,heads=1,ffn=8,vocab=9", "at most 10,000 layers"),
        ("depth=3", "knows no 'depth'"),
        ("layers=1,hidden=100,heads=7,ffn=8,vocab=9", "don't divide"),
    ],
)
def test_a_typed_architecture_that_is_none(capsys: pytest.CaptureFixture[str], typed: str, message: str) -> None:
    assert run(["mem", "--arch", typed]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_a_count_alone_is_an_estimate_that_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(capsys, "1T", "-f", "Q4_K_M")
    assert answer["parameters"] == 10**12 and not answer["exact"] and answer["max_context"] == 0
    assert 4.6 < answer["bits_per_weight"] < 5.0
    assert all(term["estimate"] for term in answer["terms"])
    assert run(["mem", "1T", "-f", "Q4_K_M"]) == 0
    assert "to hold it" in capsys.readouterr().out


@pytest.mark.parametrize(
    "args",
    [
        ("--kv-type", "q9"),
        ("--ram", "lots"),
        ("--machine", "abacus"),
        ("--seqs", "0"),
        ("--engine", "abacus"),
        ("--format", "Q4_0:best"),
        ("--ubatch", "-3"),
    ],
)
def test_every_wrong_option_is_told_in_one_line(capsys: pytest.CaptureFixture[str], args: tuple[str, ...]) -> None:
    assert run(["mem", "Qwen3-8B", *args]) == 2
    written = capsys.readouterr()
    assert written.err.count("\n") == 1 and written.err.startswith("qtui mem: ") and not written.out


def test_the_machines_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mem", "--machines"]) == 0
    listed = capsys.readouterr().out
    assert "RTX 4090" in listed and "8x H100" in listed and " 1,008" in listed
    assert len({len(row) for row in listed.splitlines()}) == 1 and len(listed.splitlines()[0]) <= 80


def test_a_file_is_about_as_large_as_published(capsys: pytest.CaptureFixture[str]) -> None:
    published = {"Qwen3-4B": 2_497_280_256, "Llama-3.1-8B": 4_920_739_232, "gemma-2-2b": 1_708_582_752}
    for model, size in published.items():
        assert abs(asked(capsys, model, "-f", "Q4_K_M")["file_bytes"] - size) < size / 200


def test_the_models_that_run_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mem", "--here", "--machine", "RTX 4070", "--for", "code", "--min-speed", "10", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer and all("code" in row["kinds"] and row["released"] for row in answer)
    assert {row["model"]: row["licence"] for row in answer}["Qwen/Qwen3-Coder-30B-A3B-Instruct"] == "Apache-2.0"
    assert run(["mem", "--here", "--machine", "RTX 4070", "--json"]) == 0
    kinds = {row["model"]: row["kinds"] for row in json.loads(capsys.readouterr().out)}
    assert kinds["Qwen/Qwen3-8B"] == ["reasoning", "chat"] and kinds["openai-community/gpt2"] == ["base"]
    assert kinds["CohereLabs/c4ai-command-r-v01"] == ["chat"]
    assert all(row["plan"]["tokens_per_second"]["low"] >= 10 for row in answer)
    assert run(["mem", "--here", "--machine", "RTX 4070", "--min-context", "64k", "--csv"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert rows[0].startswith("model,parameters,released,licence") and len(rows) > 20
    assert run(["mem", "--here", "--ram", "16GB", "--vram", "0", "--min-speed", "10"]) == 2
    assert "bandwidth is not known" in capsys.readouterr().err


def test_a_bandwidth_is_measured_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(bandwidth, "measure", lambda: bandwidth.Bandwidth(40 * 10**9, "best of 3 read sweeps"))
    monkeypatch.setattr(detect, "detect", lambda: Machine("this machine", 64 << 30, 60 << 30, source="read now"))
    assert asked(capsys, "Qwen3-8B")["tokens_per_second"] is None
    measured = asked(capsys, "Qwen3-8B", "--measure")["tokens_per_second"]
    assert measured[0] > 1 and asked(capsys, "Qwen3-8B")["tokens_per_second"] == measured
    assert asked(capsys, "Qwen3-8B", "--ram", "64GB")["tokens_per_second"] is None  # another machine


def test_what_one_would_have_to_buy(capsys: pytest.CaptureFixture[str]) -> None:
    asked_for = ("Qwen3-32B", "--buy", "--context", "32k", "--min-speed", "15", "--machine", "RTX 4080")
    assert run(["mem", *asked_for, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["memory_bytes"] for row in rows] == sorted(row["memory_bytes"] for row in rows)
    assert all(row["plan"]["tokens_per_second"]["low"] >= 15 and row["plan"]["context"] >= 32768 for row in rows)
    names = [row["machine"] for row in rows]
    # 24 GB hold it in Q4_K_M with a q8_0 cache; 16 GB don't, unless 8 GB join them.
    assert "RTX 4090" in names and "RTX 4080" not in names and "RTX 2070 in addition" in names
    assert "laptop 32GB" not in names
    assert run(["mem", *asked_for, "--csv"]) == 0
    assert capsys.readouterr().out.startswith("machine,kind,memory_bytes,format")
    assert run(["mem", *asked_for]) == 0
    assert "32k tokens at 15 tokens/s or more" in capsys.readouterr().out
    assert run(["mem", "Qwen3-0.6B", "--buy", "--context", "max", "--machine", "RTX 4080"]) == 0
    assert "with its longest context at" in capsys.readouterr().out
    assert run(["mem", "8B", "--buy"]) == 2
