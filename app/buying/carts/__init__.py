"""Carts: what a person or guest means to buy some day. Nothing is held for a cart."""
