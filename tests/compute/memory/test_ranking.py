"""The ranking on its own: cases whose right answer is plain."""

from qtui.compute.memory.ranking import NAMES, TOLERABLE, Candidate, rank


def way(name: str, loss: float, seconds: float, context: int = 8192, whole: bool = True) -> Candidate:
    return Candidate(name, "f16", context, loss, seconds, 10**9, whole)


def winners(*ways: Candidate) -> dict[str, str]:
    return {plan.name: plan.candidate.format for plan in rank(ways)}


def test_every_name_is_given_once_and_in_order() -> None:
    plans = rank([way("a", 0.01, 0.02), way("b", 0.03, 0.01)])
    assert tuple(plan.name for plan in plans) == NAMES
    assert all(plan.reasons for plan in plans)
    assert rank([]) == ()


def test_quality_comes_first_and_speed_second() -> None:
    ways = way("large", 0.001, 0.1), way("middle", 0.01, 0.02), way("small", 0.1, 0.019)
    assert winners(*ways) == {
        "best quality": "large",
        "balanced": "middle",
        "fastest": "middle",
        "longest context": "middle",
    }
    assert winners(*ways, way("half the time", 0.1, 0.01))["fastest"] == "half the time"


def test_what_loses_much_is_named_only_where_nothing_else_runs() -> None:
    bad = way("bad", TOLERABLE * 2, 0.001, context=1 << 20)
    assert "bad" not in winners(bad, way("good", 0.03, 0.1)).values()
    only = rank([bad, way("worse", TOLERABLE * 4, 0.0005)])
    assert {plan.candidate.format for plan in only} == {"bad"}
    assert only[0].reasons[0].kind == "every format that runs loses much"


def test_nobody_waits_for_the_last_thousandth() -> None:
    ways = way("crawling", 0.0, 2.0, whole=False), way("usable", 0.005, 0.15)
    assert winners(*ways)["best quality"] == "usable"
    slow = rank([way("crawling", 0.0, 2.0), way("slow", 0.005, 0.6)])
    assert slow[0].candidate.format == "slow" and slow[0].reasons[0].kind == "nothing reaches a reader's pace"


def test_a_reader_waits_a_little_rather_than_lose_noticeably() -> None:
    three_bits, four_bits = way("Q3_K_L", 0.087, 0.19), way("Q4_K_M", 0.031, 0.22)
    plans = winners(three_bits, four_bits, way("Q8_0", 0.0014, 0.399), way("BF16", 0.0, 0.6))
    assert plans == {"balanced": "Q4_K_M", "best quality": "Q8_0", "fastest": "Q3_K_L", "longest context": "Q4_K_M"}
    assert {plan.candidate.format for plan in rank([three_bits, four_bits], patience=1.0)} == {"Q3_K_L"}
    quick = way("IQ4_XS", 0.036, 0.19)
    assert winners(quick, four_bits)["best quality"] == "IQ4_XS"


def test_no_plan_loses_less_than_the_one_for_quality() -> None:
    here = [way("IQ4_XS", 0.036, 0.19), way("Q5_K_M", 0.011, 0.25), way("Q6_K", 0.0055, 0.3)]
    filled = [way("IQ4_XS", 0.036, 0.3, 40960), way("Q5_K_M", 0.011, 0.32, 40960), way("Q6_K", 0.0055, 0.9, 40960)]
    plans = {plan.name: plan.candidate.format for plan in rank(here, filled)}
    assert (plans["balanced"], plans["longest context"], plans["best quality"]) == ("IQ4_XS", "Q5_K_M", "Q5_K_M")


def test_a_loss_that_nobody_finds_is_not_paid_for_with_time() -> None:
    original, eight_bits = way("BF16", 0.0, 0.15, whole=False), way("Q8_0", 0.0014, 0.03)
    assert winners(original, eight_bits)["best quality"] == "Q8_0"
    assert winners(original._replace(whole=True), eight_bits)["best quality"] == "Q8_0"
    assert winners(way("BF16", 0.0, 0.02), eight_bits)["best quality"] == "BF16"


def test_the_longest_context_is_the_plans_own() -> None:
    here = [way("a", 0.01, 0.1), way("b", 0.1, 0.1)]
    plans = {plan.name: plan for plan in rank(here, [way("a", 0.01, 0.1, 16384), way("b", 0.1, 0.1, 40960)])}
    assert (plans["longest context"].candidate.format, plans["longest context"].candidate.context) == ("b", 40960)
    assert plans["balanced"].candidate == here[0]


def test_where_no_window_is_larger_the_balanced_way_is_the_longest() -> None:
    here = [way("f16", 0.01, 0.1), way("q4_0", 0.02, 0.1)]
    plans = {plan.name: plan.candidate.format for plan in rank(here, [way("f16", 0.01, 0.2), way("q4_0", 0.02, 0.1)])}
    assert plans["balanced"] == plans["longest context"] == "f16"


def test_of_equals_the_one_in_fast_memory_and_of_the_better_balance_has_the_longest_context() -> None:
    ways = [way("split", 0.0, 0.05, 40960, whole=False), way("b", 0.03, 0.05, 40960), way("c", 0.02, 0.05, 40960)]
    assert winners(*ways)["longest context"] == "c"
    assert winners(*ways, way("split further", 0.0, 0.05, 1 << 18, whole=False))["longest context"] == "c"
    slow = way("exact", 0.0, 0.2, 40960)
    assert winners(*ways, slow)["longest context"] == "c"
