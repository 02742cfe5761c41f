"""Variants of goods (SKUs): each has its price, its list price, its codes and its limits. Emits nothing.

The catalogue tells of what changes. Whoever changes a variant holds the lock of its product
(catalogue.queries.locked_product), so that the JSON which is kept ready is never stale.
"""
