"""`python -m qtui` and the `qtui` console script: a quick start, and a quick end."""

import gc
import os
import sys
from types import ModuleType
from typing import Any, NoReturn


class Deferred(ModuleType):
    """A module that is imported only when something of it is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what the import system itself asks for
            raise AttributeError(name)
        import importlib

        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        found = importlib.import_module(self.__name__)
        self.__dict__.update(found.__dict__)
        return getattr(found, name)


class DeferredInspect(Deferred):
    """`inspect`, which answers by itself what `dataclasses` asks about every class from Python 3.13 on."""

    def get_annotations(self, thing: Any, **options: Any) -> dict[str, Any]:
        if isinstance(thing, type) and not options:
            return dict(thing.__dict__.get("__annotations__") or {})
        found: dict[str, Any] = self.__getattr__("get_annotations")(thing, **options)
        return found


def main() -> NoReturn:
    """Run the command line in `sys.argv` and end the process with its exit status."""
    # Of what `qtui mem --json` would take in all, collecting garbage while there is none is a sixteenth, and
    # `inspect` and `copy`, which `dataclasses` imports and hardly ever needs, a tenth.
    gc.disable()
    # One thread for numpy's dot products, read when numpy is imported: ours take microseconds, and on a busy machine
    # waiting for a second core made measuring up to 60 times slower. Surveys use processes instead.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.modules.setdefault("inspect", DeferredInspect("inspect"))
    sys.modules.setdefault("copy", Deferred("copy"))
    from qtui.cli.main import run

    leave(run(sys.argv[1:]))


def leave(status: int) -> NoReturn:
    """End the process at once: without freeing one by one the modules that go with it (an eighth of that time), and
    without waiting for a worker thread that is deep in a big file."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:  # the terminal has gone, and with it whoever could be told
            pass
    os._exit(status)


if __name__ == "__main__":
    main()
