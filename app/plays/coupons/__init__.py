"""Coupons: promotions that apply to who has one: claimed, given, or known by a code. Emits CouponGiven."""
