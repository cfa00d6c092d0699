"""Terminal pictures as pure functions of plain values; see `picture.py` for what a picture is."""
