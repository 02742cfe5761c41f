"""Light stores 轻商城: a shop with page, goods, address and key in one call; and keys of shops, which programs bear.

A light store stands outside the mall's lists and search unless it opts in; all else is as with any shop. Emits nothing.
"""
