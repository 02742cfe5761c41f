"""Baskets: goods as they are sold at this moment, with freight and offers: what a checkout or a cart would cost."""
