"""Virtual goods: codes out of a pool that the merchant fills, one for each unit that is paid, and files to download.

Their stock is what is in the pool; with a file, what the shop says. Emits CodesDelivered once a line has all
that it paid for.
"""
