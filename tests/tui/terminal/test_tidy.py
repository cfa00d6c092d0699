"""Garbage is collected in pauses, and what a pane brought is not looked through again."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest

import qtui.tui.terminal.tidy as module
from qtui.tui.terminal.tidy import AT_LATEST, ENOUGH, Tidy


@pytest.fixture(autouse=True)
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(module, "PAUSE", 0.05)
    monkeypatch.setattr(gc, "get_count", lambda: (ENOUGH, 0, 0))
    was = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*was)
    gc.enable()


async def test_collects_once_after_a_pause_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[float] = []
    frozen: list[float] = []
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(gc, "collect", lambda: collected.append(loop.time()))
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(loop.time()))
    tidy = Tidy()
    tidy.begin()
    assert gc.isenabled() and gc.get_threshold()[0] == AT_LATEST and len(frozen) == 1
    for _ in range(8):
        tidy.touch()
        last = loop.time()
        await asyncio.sleep(0.01)
    assert not collected or collected[0] - last >= 0.05
    while not collected:
        await asyncio.sleep(0.01)
    assert collected[0] - last >= 0.05
    await asyncio.sleep(0.12)
    assert len(collected) == 1 and len(frozen) == 1  # nothing has happened since, and no pane came

    tidy.touch(grown=True)
    while len(collected) < 2:
        await asyncio.sleep(0.01)
    assert len(frozen) == 2


async def test_little_garbage_waits_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[int] = []
    trimmed: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda: collected.append(1))
    monkeypatch.setattr(gc, "get_count", lambda: (ENOUGH - 1, 0, 0))
    monkeypatch.setattr(module, "give_back_memory", lambda: trimmed.append(1))
    tidy = Tidy()
    tidy.begin()
    while not trimmed:
        await asyncio.sleep(0.01)
    assert not collected
    tidy.touch(grown=True)
    while not collected:
        await asyncio.sleep(0.01)


async def test_waits_for_the_first_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda: collected.append(1))
    gc.disable()
    Tidy().touch(grown=True)
    await asyncio.sleep(0.12)
    assert not collected
