"""Figures: what posts have brought their authors, in views, clicks, orders and money. Has no rows; emits nothing."""
