"""What is sold: categories, products, their variants (SKUs) with prices, and what is taken down.

Emits ProductListed, ProductChanged, ProductTakenDown, ProductRestored. Stock is counted in inventory and read live.
"""
