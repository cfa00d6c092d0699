"""Text to token ids and back: byte-level BPE, SentencePiece's BPE and unigram model, as llama.cpp has them."""
