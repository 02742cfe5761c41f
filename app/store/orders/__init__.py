"""Purchases, their orders and lines: what was bought, from whom, whether it is paid.

Emits PurchasePlaced, PurchasePaid, OrderPaid, PurchaseLapsed, PurchaseCancelled.
"""
