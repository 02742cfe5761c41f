"""Versions: what a post said before each edit, for its author. The post is an opaque id. Emits nothing."""
