"""`python -m qtui` and the `qtui` console script."""

import os
import sys


def main() -> int:
    """Run the command line in `sys.argv` and return its exit status."""
    # One thread for numpy's dot products, read when numpy is imported: ours take microseconds, and on a busy machine
    # waiting for a second core made measuring up to 60 times slower. Surveys use processes instead.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from qtui.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
