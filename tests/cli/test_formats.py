"""`qtui formats`: costs as the registry has them, and what it says when nothing matches."""

import json

import pytest

from qtui.cli.main import run
from qtui.compute.formats import FAMILIES, FormatFamily, all_formats, families, get_format


def test_json_holds_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["formats", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["formats"]
    assert [row["name"] for row in listed] == [fmt.name for fmt in all_formats()]
    q4_k = next(row for row in listed if row["name"] == "Q4_K")
    assert (q4_k["bits_per_weight"], q4_k["block_size"], q4_k["block_bytes"]) == (4.5, 256, 144)


def test_names_are_told_apart_in_any_case() -> None:
    names = [fmt.name.lower() for fmt in all_formats()]
    assert len(set(names)) == len(names)
    assert all(get_format(fmt.name.upper()) == fmt for fmt in all_formats())
    for spec in [*names, "fp8", "int4:asym", "nf4:double", "float:e=4,m=3", "codebook:values=1/2"]:
        assert sum(_knows(family, spec) for family in families()) == 1, spec
    assert tuple(family.name for family in families()) == FAMILIES


def _knows(family: FormatFamily, spec: str) -> bool:
    return any(fmt.name.lower() == spec for fmt in family.formats) or family.parse(spec) is not None


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["formats", "zz"], "no format's name has 'zz' in it"),
        (["formats", "--family", "zz"], "no family is called 'zz'; there are"),
        (["zz"], "there is no command 'zz'"),
        ([__file__], f"`qtui inspect {__file__}` looks inside"),
        (["qantize"], "did you mean `qtui quantize`?"),
    ],
)
def test_what_does_not_exist_is_said_in_one_line(
    args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(args) == 2
    out, err = capsys.readouterr()
    assert not out and message in err and err.count("\n") == 1


def test_the_table_tells_the_whole_description_in_eighty_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["formats"]) == 0
    out = capsys.readouterr().out
    message = " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 80 and "…" not in out
    for fmt in all_formats():
        assert f"\n{fmt.name}" in out
    assert message.count("decoded, not encoded") == sum(not fmt.can_encode for fmt in all_formats())
    assert (
        "tables of values (codebooks)" in message
        and "around 8 and one fp16 scale, the oldest 4-bit format" in message
    )
