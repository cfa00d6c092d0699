"""What knows Textual's inside: the cell painter, and when and how keys and frames travel."""
