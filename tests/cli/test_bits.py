"""`qtui bits`: its JSON keys, its drawings, its complaints."""

import json
from decimal import Decimal

import pytest

from qtui.cli.main import run

KEYS = (
    "format input code bits sign exponent_field mantissa_field class value shortest hexfloat ulp previous next exact "
    "absolute_error relative_error rounding rounding_interval stepwise specials literals all"
)


def printed(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert run(["bits", *argv]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_json_keys(capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(printed(capsys, "0.1", "--format", "bfloat16", "--json"))
    assert set(KEYS.split()) <= set(answer)
    assert (answer["code"], answer["bits"], answer["class"]) == ("0x3dcd", "0011110111001101", "normal")
    assert (answer["value"], answer["shortest"], answer["hexfloat"]) == ("0.10009765625", "0.1", "0x1.9ap-4")
    assert Decimal(answer["ulp"]) == Decimal(2) ** -11 and answer["exact"] is False
    assert (answer["previous"], answer["next"]) == ("0.099609375", "0.1005859375")
    assert answer["relative_error"] == 0.0009765625
    assert {row["format"] for row in answer["all"]} >= {"float64", "float8_e4m3fn", "float4_e2m1", "int8", "nf4"}


@pytest.mark.parametrize("value", ["-1e5", "-inf", "-.5", "-1/3", "-0x1p-3", "-(1+2)", "-0"])
def test_negative_numbers_in_every_spelling(capsys: pytest.CaptureFixture[str], value: str) -> None:
    assert json.loads(printed(capsys, value, "-f", "float32", "--json"))["sign"] == 1


def test_overflow_has_no_error_number(capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(printed(capsys, "1e9", "-f", "e4m3", "--json"))
    assert (answer["class"], answer["value"], answer["absolute_error"], answer["next"]) == ("nan", "nan", None, None)
    answer = json.loads(printed(capsys, "1e9", "-f", "e4m3", "--saturate", "--json"))
    assert answer["value"] == "448" and answer["absolute_error"] == 1e9 - 448


def test_json_of_the_views(capsys: pytest.CaptureFixture[str]) -> None:
    half = ("0.1", "--view", "density", "--from", "-0.5", "--to", "0.5", "--json")
    density = json.loads(printed(capsys, *half))["density"]
    assert density["inside"] == sum(density["counts"]) == 2_113_929_218 and len(density["edges"]) == 65
    line = json.loads(printed(capsys, "1.3", "-f", "e2m1", "--view", "line", "--with", "int4", "--json"))["line"]
    assert [(row["format"], row["value"]) for row in line["formats"]] == [("float4_e2m1fn", "1.5"), ("int4", "1")]
    sine = json.loads(printed(capsys, "0", "-f", "e2m1", "--view", "sine", "--with", "float64", "--json"))["sine"]
    assert set(sine["waves"][1]["values"]) == {-1.0, -0.5, 0.0, 0.5, 1.0} and sine["waves"][0]["format"] == "exact"
    table = json.loads(printed(capsys, "--view", "formats", "--json"))["formats"]
    sizes = {row["format"]: row["bytes_per_million"] for row in table}
    assert sizes["float32"] == 4_000_000 and sizes["float6_e2m3fn"] == 750_000 and sizes["tf32"] == 4_000_000


def test_drawings(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = printed(capsys, "0.1", "-f", "float64")
    assert "0011 1111 1011 1001 1001 1001" in out and max(map(len, out.splitlines())) <= 80
    assert "0.1000000000000000055511151231257827021181583404541015625" in out
    out = printed(capsys, "0.1", "--all")
    assert "float8_e4m3fn" in out and "0.1015625" in out
    for view in ("line", "density", "sine", "formats", "design", "codebook"):
        text = printed(capsys, "0.5", "-f", "fp8", "--view", view, "--ascii")
        assert text.isascii() and "e4m3" in text or view == "design"
        assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    "argv", [["foo"], ["1", "-f", "float17"], ["9**9**9"], ["1", "--view", "line", "--from", "9"]]
)
def test_complaints_are_one_line(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    assert run(["bits", *argv]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith("qtui bits: ")
