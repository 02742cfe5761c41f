"""Placing: an open checkout becomes a purchase, by its own call or with one call from a product card; and its pages.

Emits nothing of its own: placing is orders' fact.
"""
