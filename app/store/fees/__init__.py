"""What the platform keeps of what is sold: take rates by shop and by category of goods, with their history.

Emits nothing: checkout freezes the rate of the moment on the line, and settlement takes what stands there.
"""
