"""The Quantizer: numbers, up to six schemes, and one picture of what happens."""
