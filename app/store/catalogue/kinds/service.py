"""Goods that are had at a counter, by a voucher."""


class Service:
    zh, en = "到店服务", "A service, by voucher"
    needs_address = False

    def return_days(self, of_category: int) -> int:
        """None: what is unused is refunded, whatever the day (room vouchers)."""
        return 0


kind = Service()
