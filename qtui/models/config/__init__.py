"""Hugging Face config.json files, read as architectures for the memory arithmetic."""
