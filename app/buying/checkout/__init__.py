"""Checkout: goods held for a few minutes while a buyer gives an address, and turned into a purchase.

Emits nothing of its own: placing is orders' fact.
"""
