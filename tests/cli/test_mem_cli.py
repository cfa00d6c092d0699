"""`qtui mem` as a person and as a script use it."""

import json
import subprocess
import sys

import pytest

from qtui.cli.main import run


def asked(capsys: pytest.CaptureFixture[str], *args: str) -> dict:
    assert run(["mem", *args, "--json"]) == 0
    found: dict = json.loads(capsys.readouterr().out)
    return found


def test_the_stable_keys_and_that_the_terms_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, "Qwen3-8B")
    keys = "model parameters format weights_bytes bits_per_weight context sequences kv_cache_bytes state_bytes"
    keys += " compute_bytes total_bytes available_bytes fits max_context terms"
    assert set(keys.split()) <= set(found)
    assert sum(term["bytes"] for term in found["terms"]) == found["total_bytes"]
    assert all(set(term) >= {"name", "formula", "bytes"} for term in found["terms"])
    assert found["weights_bytes"] == 2 * 8_190_735_360


@pytest.mark.parametrize("options", [(), ("--format", "bf16"), ("--format", "bfloat16")])
def test_the_essays_model_at_16_bits(capsys: pytest.CaptureFixture[str], options: tuple[str, ...]) -> None:
    assert asked(capsys, "Qwen3-Coder-Next", *options)["weights_bytes"] == 159_348_782_592


def test_words_need_no_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(capsys, "qwen3", "8b", "-c", "32k")["context"] == 32768


def test_bad_input_is_one_line_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    for args in (["gpt-oss"], ["nonsense"], ["Qwen3-8B", "--format", "Q9_K"], ["Qwen3-8B", "--ctx", "many"]):
        assert run(["mem", *args]) == 2
        written = capsys.readouterr()
        assert written.err.count("\n") == 1 and not written.out


def test_json_imports_no_numpy_rich_or_textual() -> None:
    code = "import sys; from qtui.cli.main import run; run(['mem','Qwen3-8B','-f','Q4_K_M','--json'])"
    code += "; print(*{m.partition('.')[0] for m in sys.modules} & {'numpy','rich','textual'}, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr.strip() == ""
