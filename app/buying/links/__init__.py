"""Links: a short code that sells one product for the person who showed it, and the clicks on it.

Knows posts and promoters only as opaque ids. Emits nothing.
"""
