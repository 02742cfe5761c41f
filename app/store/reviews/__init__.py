"""What buyers say of goods that they have received: one review an order line, with 1 to 5 stars.

With pictures, a follow-up (追评), the shop's reply, and votes of others. Emits ReviewWritten, ReviewChanged,
ReviewWithdrawn, ReviewFollowedUp, ReviewReplied, ReviewHelped, ReviewTakenDown, ReviewRestored.
"""
