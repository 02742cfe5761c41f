"""Resale: which SKUs a supplier lets others sell, for how much, and which SKU of a reseller draws on which of those.

It lies below the catalogue, which asks it what may be sold, and knows SKUs as opaque ids. Emits nothing.
"""
