"""What buyers say of goods that they bought: one review a paid order line, with 1 to 5 stars.

Emits ReviewWritten, ReviewChanged, ReviewWithdrawn.
"""
