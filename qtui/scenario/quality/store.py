"""What was measured before, kept on disk: the scores of every token, so that all figures follow from them.

One small file for a model, text, format and everything between; named by a hash of these. The oldest go first.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zipfile
from dataclasses import fields
from pathlib import Path

import numpy as np

from qtui import __version__, paths
from qtui.compute.lm.perplexity import TokenScores

VERSION = 2  # raise it when what is measured changes
MOST_BYTES = 128 << 20


def folder() -> Path:
    """Where scores are kept: under $XDG_CACHE_HOME, or ~/.cache."""
    return Path(paths.cache_file("quality"))


def _path(identity: str, spec: str) -> Path:
    name = hashlib.sha256(f"{VERSION} {__version__} {identity} {spec}".encode()).hexdigest()[:32]
    return folder() / f"{name}.npz"


def kept_scores(identity: str, spec: str, tokens: int) -> TokenScores | None:
    """The scores of all `tokens` of a format measured before; None where there are none, or they are damaged."""
    try:
        with np.load(_path(identity, spec), allow_pickle=False) as data:
            scores = TokenScores(**{field.name: data[field.name] for field in fields(TokenScores)})
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return None
    whole = all(getattr(scores, field.name).shape == (tokens,) for field in fields(TokenScores))
    return scores if whole else None


def keep_scores(identity: str, spec: str, scores: TokenScores) -> None:
    """Keep the scores of a format. A disk that is full or can't be written to keeps nothing."""
    path = _path(identity, spec)
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _prune(path.parent)
        with open(draft, "wb") as file:
            np.savez_compressed(file, **{field.name: getattr(scores, field.name) for field in fields(TokenScores)})
        os.replace(draft, path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _prune(where: Path) -> None:
    """Delete the oldest until what is kept fits."""
    files = sorted((entry.stat().st_mtime, entry.stat().st_size, entry.path) for entry in os.scandir(where))
    excess = sum(size for _, size, _ in files) - MOST_BYTES
    for _, size, path in files:
        if excess <= 0:
            return
        os.unlink(path)
        excess -= size
