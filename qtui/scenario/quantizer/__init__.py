"""The Quantizer: numbers, up to four schemes, and one picture of what happens."""
