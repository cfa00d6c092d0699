"""The tour: lessons as data, what a step shows, when its goal is met, and what was predicted."""
