"""What a shop, or a category, has on sale, page by page; for its staff all that a shop has. Owns nothing."""
