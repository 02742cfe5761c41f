"""Goods that are a code or a file."""


class Virtual:
    zh, en = "虚拟商品", "A code or a file"
    needs_address = False

    def return_days(self, of_category: int) -> int:
        """None: digital goods are excepted (消费者权益保护法, 25)."""
        return 0


kind = Virtual()
