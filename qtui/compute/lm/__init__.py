"""A language model from the inside: what its predictions lose, term by term."""
