"""Shops: who sells, and the people who staff each. Emits ShopOpened."""
