"""The order centre in a browser: what somebody has bought, how each order stands, and what he can do about it now.

No tables of its own; what is done is done by the rooms of the store. Emits nothing.
"""
