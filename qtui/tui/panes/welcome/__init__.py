"""The welcome."""
