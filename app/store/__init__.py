"""Goods and money. Knows nothing of posts."""
