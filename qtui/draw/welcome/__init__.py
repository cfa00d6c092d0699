"""Drawings of the welcome."""
