"""Listing: a merchant puts up goods in a browser, and adds variants. The rows are the catalogue's. Emits nothing."""
