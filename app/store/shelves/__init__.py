"""What a shop, or a category, has on sale, page by page; for its staff all that a shop has. Owns nothing.

Emits ShelfToldInPart, and ProductChanged for all goods of a shop that closes, opens again or leaves the mall.
"""
