"""The tour's own rows: its header, the text of a step, its goal or question, and the reveal."""
