"""Goods that are sent."""


class Physical:
    zh, en = "实物", "Sent to the buyer"
    needs_address = True

    def return_days(self, of_category: int) -> int:
        return of_category


kind = Physical()
