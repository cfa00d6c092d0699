"""What must hold for every model, format and way to run it."""

import re
from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from qtui.compute.memory.by_hand import parse_arch
from qtui.compute.memory.estimate import kv_terms, state_terms
from qtui.compute.memory.mixes import MIXES
from qtui.compute.memory.serving import ENGINES, Serving
from qtui.compute.memory.weights import weigh
from qtui.error import QtuiError
from qtui.models.catalogue.records import Catalogue
from qtui.scenario.base import from_json, to_json
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.memory.solve import solve

CATALOGUE = Catalogue()
models = st.sampled_from(CATALOGUE.ids)
contexts = st.integers(1, 1 << 20)
LAPTOP = "laptop 16GB"


@settings(max_examples=40, deadline=None)
@given(models, contexts, contexts, st.integers(1, 9), st.sampled_from(ENGINES), st.booleans())
def test_the_cache_grows_with_the_context_and_the_state_does_not(
    model: str, one: int, other: int, sequences: int, engine: str, unified: bool
) -> None:
    arch = CATALOGUE.record(model).arch
    low, high = sorted((one, other))
    serving = Serving(context=low, sequences=sequences, engine=engine, unified=unified)
    small, large = (sum(t.bytes for t in kv_terms(arch, serving._replace(context=c))) for c in (low, high))
    assert 0 <= small <= large
    states = {sum(t.bytes for t in state_terms(arch, serving._replace(context=c))) for c in (low, high)}
    assert len(states) == 1
    smaller = sum(t.bytes for t in kv_terms(arch, serving._replace(k_type="q8_0", v_type="q4_0")))
    assert smaller < small or small == 0


@settings(max_examples=40, deadline=None)
@given(models, st.sampled_from([*MIXES, "bf16", "float8_e4m3fn", "nf4", "Q4_K", "Q5_K"]))
def test_every_format_stores_every_weight(model: str, spec: str) -> None:
    record = CATALOGUE.record(model)
    native, result = (weigh(record.arch, name, record.dtype) for name in ("native", spec))
    assert result.parameters == native.parameters
    assert result.parameters // 8 <= result.bytes <= 4 * result.parameters
    assert result.bytes == sum(share.bytes for share in result.shares)


@settings(max_examples=25, deadline=None)
@given(models, st.sampled_from(["Q4_K_M", "native", "Q2_K"]), st.integers(1, 4), st.sampled_from(["q8_0", "f16"]))
def test_the_largest_context_fits_and_the_next_one_does_not(model: str, spec: str, seqs: int, kv: str) -> None:
    scenario = MemoryScenario(model=(model,), format=spec, seqs=seqs, kv_type=kv, machine=LAPTOP)
    result = solve(scenario)
    assert result.total == sum(term.bytes for _, term in result.terms) == result.need.total
    most, step = result.max_context, 256 * seqs
    if most:
        assert solve(replace(scenario, ctx=most)).fits
    if most + step <= (result.model.context or 0):
        assert not solve(replace(scenario, ctx=most + step)).fits


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.from_regex(r"([a-z_]{1,9}=[0-9]{1,13},?){1,7}", fullmatch=True))
def test_typed_nonsense_is_refused_in_one_line(text: str) -> None:
    try:
        arch = parse_arch(text)
    except QtuiError as error:
        assert "\n" not in str(error).replace(repr(text), "")
    else:
        assert arch.num_layers > 0


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_any_query_is_answered(query: str) -> None:
    try:
        assert CATALOGUE.find(query).id in CATALOGUE.ids
    except QtuiError as error:
        assert len(str(error)) < 1000


def test_the_scenario_survives_json() -> None:
    scenario = MemoryScenario(model=("a", "b"), ctx=7, flash=False, mtp=3, machine=LAPTOP)
    assert from_json(MemoryScenario, to_json(scenario)) == scenario


def put_in(formula: str) -> Fraction:
    """What a formula comes to when its words are left out."""
    text = re.sub(r" B \([^()]*\)$", "", formula)
    text = re.sub(r"(?:K|V|latent)[^=()]*= ([\d,]+) B [\w.]+", r"\1", text)
    text = re.sub(r"^\w+: ", "", text)  # what the buffer is of: "mamba2: (...)"
    text = re.sub(r"[A-Za-z_.:]+", " ", text.replace("×", "*").replace(",", ""))
    assert re.fullmatch(r"[\d+*/() ]+", text), formula
    text = re.sub(r"(\d+)/(\d+)", r"Fraction(\1, \2)", text)
    return Fraction(eval(text, {"Fraction": Fraction}))


@settings(max_examples=60, deadline=None)
@given(
    models,
    st.sampled_from(["Q4_K_M", "Q8_0", "bf16", "IQ2_M", "Q2_K"]),
    st.integers(1, 1 << 18),
    st.integers(1, 5),
    st.sampled_from(["f16", "q8_0/q4_0"]),
    st.booleans(),
)
def test_every_formula_comes_to_its_bytes(
    model: str, spec: str, context: int, seqs: int, kv: str, flash: bool
) -> None:
    scenario = MemoryScenario(
        model=(model,), format=spec, ctx=context, seqs=seqs, kv_type=kv, flash=flash, machine=LAPTOP
    )
    for group, term in solve(scenario).terms:
        if "bits (" not in term.formula and "FP8" not in term.formula:
            assert put_in(term.formula) == term.bytes, (group, term)
