"""What works out Results behind the app's back."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from qtui.tui.runner import NICENESS, let_keys_go_first


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own")
def test_work_and_its_threads_yield_to_the_apps_own() -> None:
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before, told = priority(), []

    def work() -> None:
        let_keys_go_first()
        further = threading.Thread(target=lambda: told.append(priority()))
        further.start()
        further.join()
        told.append(priority())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert told == [max(before, NICENESS)] * 2 and priority() == before
