"""The demo town: a dozen people, their shops, goods, posts and orders, so that a new installation is not empty.

Everything is done by the actions of the rooms below, as people would do it. Emits nothing of its own.
"""
