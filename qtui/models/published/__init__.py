"""What others measured and published: speeds, with their sources."""
