"""Orders that were not sent in time: their buyers get something for it, of the shop's money, by themselves.

Emits OrderLate.
"""
