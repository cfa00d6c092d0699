"""What a storage format does to a few thousand weights, taken apart for looking at."""
