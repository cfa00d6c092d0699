"""Codebooks: codes that index a short table of values, scaled by each block's largest magnitude."""
