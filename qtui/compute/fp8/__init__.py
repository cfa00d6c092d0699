"""Eight-bit floats under scales: a scale for the tensor, for each row, or for a tile of 128 by 128."""
