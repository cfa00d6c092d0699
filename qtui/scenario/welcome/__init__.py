"""The welcome: what this is, and three ways in."""
