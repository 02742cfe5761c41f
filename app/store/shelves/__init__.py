"""What a shop, or a category, has on sale, page by page. Owns nothing."""
