"""Parcels of paid orders: what was sent, where it is, when it counts as received, and goods fetched at a counter.

Emits PackageShipped, ParcelDelivered.
"""
