"""Services that are had at a counter: a voucher for each unit that is paid, booked if need be, redeemed by staff.

Emits VoucherRedeemed, RedemptionUndone and VoucherExpired: what expires unused is refunded by whoever hears it.
"""
