"""The one store of agreed pictures, `tests/pictures`.

QTUI_UPDATE_PICTURES=1 writes them anew; look at the difference.
"""

import os
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "pictures"


def agreed(name: str, shown: str) -> bool:
    """Whether `shown` is the picture stored as `name`; under QTUI_UPDATE_PICTURES it becomes that picture."""
    path = FOLDER / f"{name}.txt"
    if os.environ.get("QTUI_UPDATE_PICTURES"):
        path.write_text(shown, encoding="utf-8")
    return shown == path.read_text(encoding="utf-8")
