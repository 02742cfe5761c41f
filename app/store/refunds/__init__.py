"""Money of a paid order that goes back: how much for so many units, from whom, and that it is asked for once.

Emits RefundGranted. Payments sends the money; who grants it (a cancellation, an after-sales case) is a subject here.
"""
