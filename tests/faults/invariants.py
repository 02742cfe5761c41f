"""What must hold after every scenario (I1-I9 of the reliability scenarios, as far as this stage goes), in SQL."""

from dataclasses import dataclass

import psycopg

from tests.live import LiveTown

_BROKEN = {
    "stock is below zero": "SELECT sku_id FROM inventory_stock WHERE available < 0",
    "a journal does not sum to zero": """
        SELECT journal_id FROM ledger_entries GROUP BY journal_id, currency HAVING sum(amount) <> 0""",
    "a purchase's total is not its orders' total": """
        SELECT p.id FROM orders_purchases p JOIN orders_orders o ON o.purchase_id = p.id
        GROUP BY p.id HAVING sum(o.total) <> p.total""",
    "an order's total is not its lines, freight and adjustments": """
        SELECT o.id FROM orders_orders o WHERE o.total <> o.freight
        + (SELECT coalesce(sum(a.amount), 0) FROM orders_adjustments a WHERE a.order_id = o.id)
        + (SELECT coalesce(sum(l.price * l.quantity), 0) FROM orders_lines l WHERE l.order_id = o.id)
        + (SELECT coalesce(sum(a.amount), 0) FROM orders_adjustments a JOIN orders_lines l ON l.id = a.line_id
           WHERE l.order_id = o.id)""",
    "a paid purchase without a settled payment": """
        SELECT p.id FROM orders_purchases p WHERE p.status = 'paid' AND NOT EXISTS (
        SELECT 1 FROM payments_payments y WHERE y.payable_id = p.id AND y.state = 'paid')""",
    "a settled payment that neither paid nor is refunded": """
        SELECT y.id FROM payments_payments y LEFT JOIN orders_purchases p ON p.id = y.payable_id
        LEFT JOIN payments_refunds r ON r.payment_id = y.id
        WHERE y.state = 'paid' AND y.payable_kind = 'purchase' AND r.id IS NULL AND p.status <> 'paid'""",
    "a paid order without its journal, or with two": """
        SELECT o.id FROM orders_purchases p JOIN orders_orders o ON o.purchase_id = p.id
        LEFT JOIN ledger_journals j ON j.subject_id = o.id AND j.kind = 'order_paid'
        WHERE p.status = 'paid' AND o.total > 0 GROUP BY o.id HAVING count(j.id) <> 1""",
    "an order that is not paid has a journal": """
        SELECT o.id FROM orders_purchases p JOIN orders_orders o ON o.purchase_id = p.id
        JOIN ledger_journals j ON j.subject_id = o.id WHERE p.status <> 'paid'""",
    "a paid order has not begun": """
        SELECT o.id FROM orders_orders o LEFT JOIN fulfilment_orders f ON f.order_id = o.id
        WHERE (o.status = 'paid') <> (f.order_id IS NOT NULL)""",
    "what goes back of an order is not what goes back of its lines and freight": """
        SELECT f.order_id FROM fulfilment_orders f JOIN fulfilment_lines l ON l.order_id = f.order_id
        GROUP BY f.order_id HAVING f.refunded <> f.freight_refunded + sum(l.refunded_amount)""",
    "a checkout was purchased twice": """
        SELECT checkout_id FROM orders_purchases GROUP BY checkout_id HAVING count(*) > 1""",
    "a hold of a paid purchase is not committed": """
        SELECT h.id FROM inventory_holds h JOIN orders_purchases p ON p.id = h.subject_id
        WHERE p.status = 'paid' AND h.state <> 'committed'""",
    "a hold of a lapsed or cancelled purchase is not released": """
        SELECT h.id FROM inventory_holds h JOIN orders_purchases p ON p.id = h.subject_id
        WHERE p.status IN ('lapsed', 'cancelled') AND h.state <> 'released'""",
    "a purchase's fact is missing or doubled": """
        SELECT p.id FROM orders_purchases p LEFT JOIN core_events e
        ON e.name = 'PurchasePlaced' AND e.body->>'purchase_id' = p.id::text GROUP BY p.id HAVING count(e.id) <> 1""",
}


@dataclass(frozen=True)
class Stock:
    """Where the units of one SKU are."""

    available: int
    held: int
    sold: int

    @property
    def all(self) -> int:
        return self.available + self.held + self.sold


def assert_sound(town: LiveTown) -> None:
    """Every invariant, with the offending ids in the message."""
    with connected(town) as connection:
        for name, query in _BROKEN.items():
            found = connection.execute(query.encode()).fetchall()
            assert not found, f"{name}: {found[:5]}"


def stock_of(town: LiveTown, sku_id: str) -> Stock:
    with connected(town) as connection:
        row = connection.execute(
            "SELECT (SELECT available FROM inventory_stock WHERE sku_id = %(id)s),"
            " coalesce(sum(quantity) FILTER (WHERE state = 'active'), 0),"
            " coalesce(sum(quantity) FILTER (WHERE state = 'committed'), 0)"
            " FROM inventory_holds WHERE sku_id = %(id)s",
            {"id": sku_id},
        ).fetchone()
    assert row is not None
    return Stock(int(row[0]), int(row[1]), int(row[2]))


def count(town: LiveTown, query: str) -> int:
    with connected(town) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


def connected(town: LiveTown) -> psycopg.Connection:
    return psycopg.connect(town.env["DATABASE_URL"].replace("+psycopg", ""), autocommit=True)
