"""`python -m qtui` and the `qtui` console script."""

import sys


def main() -> int:
    """Run the command line in `sys.argv` and return its exit status."""
    from qtui.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
