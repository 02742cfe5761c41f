"""Goods taken in by their shop's own numbers, many in few statements. Owns nothing: the rows are the catalogue's."""
