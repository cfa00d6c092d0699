"""What others measured and published, with their sources: speeds, and what formats lose."""
