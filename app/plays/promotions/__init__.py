"""Promotions: what they take off, for whom, within which budget and limits. Emits PromotionReturned."""
