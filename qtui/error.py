"""The base of every error that qtui raises for input that can't be used."""

from __future__ import annotations


class QtuiError(ValueError):
    """Input that can't be used. The message is one clear sentence with the problem and the remedy."""
