"""What people have with us: their balance, its entries, filling it by a payment, and having it paid out.

The money itself is in the ledger (wallet:<person>). Filling and emptying are off unless the settings say so: who takes
deposits from people needs a licence.
"""
