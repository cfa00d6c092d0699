"""Reusable widgets: fields to choose with, views to look at."""
