"""What the shops of the demo town offer beside the goods of its posts: a counter, coupons, a service, used things, and
a supplier whose goods a creator resells.

So whoever looks at the town for the first time finds each of these at work. Done by the owners' actions. Emits nothing.
"""
