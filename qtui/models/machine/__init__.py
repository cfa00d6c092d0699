"""The machine: memory, cards and bandwidth, detected or chosen from a list."""
