"""What becomes of a paid order: how much of each line is shipped, received, claimed, cancelled, returned and refunded.

Emits OrderReceived, ReceiptUndone, OrderCancelled, OrderRefunded. The order itself, what was agreed, is orders' and
never changes.
"""
