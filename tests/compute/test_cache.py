"""The cache of what was used last."""

from __future__ import annotations

from qtui.compute.cache import Cache


def test_a_cache_forgets_what_was_not_used_for_long() -> None:
    kept: Cache[int] = Cache(2)
    assert [kept.get(key, lambda key=key: key * 10) for key in (1, 2, 1, 3)] == [10, 20, 10, 30]
    assert 1 in kept and 3 in kept and 2 not in kept


def test_a_cache_of_texts_stays_within_its_letters() -> None:
    kept: Cache[str] = Cache(5, len)
    for text in ("ab", "cde", "f"):
        kept.get(text, lambda text=text: text)
    assert "ab" not in kept and "cde" in kept and kept.held == 4
    assert kept.get("much longer", lambda: "much longer") == "much longer"
    assert "much longer" not in kept and "cde" in kept, "what is larger than the cache drives nothing out"
