"""GGUF files: header, metadata, split files, and the architecture they describe."""
