"""What every kind of goods says of itself."""

from typing import Protocol


class Kind(Protocol):
    """One kind of goods. Its module in this folder holds an instance named `kind`."""

    zh: str
    en: str
    needs_address: bool

    def return_days(self, of_category: int) -> int:
        """Days in which a buyer may send it back without a reason; `of_category` is what its category says."""
