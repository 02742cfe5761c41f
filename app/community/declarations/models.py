"""What an author may have got, or get, for a post."""

NONE, COMMISSION, GIFT, PAID, OWN_GOODS = "none", "commission", "gift", "paid", "own_goods"
DECLARATIONS = (NONE, COMMISSION, GIFT, PAID, OWN_GOODS)
"""Nothing; a share of what is sold by it; the goods themselves; money; he sells them."""
