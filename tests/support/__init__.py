"""What the tests share. No test imports another test."""

from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
