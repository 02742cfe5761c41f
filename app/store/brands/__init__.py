"""Brands that are known by name, with the other names that they go by. Emits nothing."""
