"""Payments of anything that can be paid (a *payable*): their providers, what those are asked and what they tell.

Emits PaymentSettled, PaymentFailed, RefundTold.
"""
