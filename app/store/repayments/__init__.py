"""Money that goes back to payers: due, sent to the provider it came by, done or failed.

Emits RefundDue, RefundDone, RefundFailed.
"""
