"""Payments of anything that can be paid (a *payable*), the providers' callbacks, refunds.

Emits PaymentSettled, PaymentFailed, RefundDue.
"""
