"""Model files on disk: opened by content, known from their headers alone."""
