"""Who wants to know of stock: a shop whose goods run low, and people who wait until goods are there again.

Emits BackInStock, once for each person who asked.
"""
