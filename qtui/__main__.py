"""`python -m qtui` and the `qtui` console script: a quick start, and a quick end."""

import signal

# Until there is something to tidy up, Ctrl+C ends the process silently. As an exception it can get lost:
# while modules are imported, some of Python's own callbacks swallow it.
signal.signal(signal.SIGINT, signal.SIG_DFL)

import gc  # noqa: E402

gc.disable()  # while modules are imported there is no garbage

import os  # noqa: E402
import sys  # noqa: E402
import warnings  # noqa: E402
from typing import NoReturn  # noqa: E402

from qtui.cli.main import run  # noqa: E402


def main() -> NoReturn:
    """Run the command line in `sys.argv` and end the process with its exit status."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # they address developers, and would be written over the screen
    # One thread for numpy's dot products, read when numpy is imported: ours take microseconds, and on a busy machine
    # waiting for a second core made measuring up to 60 times slower. Surveys use processes instead.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    leave(run(sys.argv[1:]))


def leave(status: int) -> NoReturn:
    """End the process at once: without freeing one by one the modules that go with it (an eighth of that time), and
    without waiting for a worker thread that is deep in a big file."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:  # the terminal has gone, so that nobody can be told
            pass
    os._exit(status)


if __name__ == "__main__":
    main()
