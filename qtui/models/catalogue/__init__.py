"""Models by name: the catalogue, the search in it, and what a model file says of itself."""
