"""paid orders begin: a row of fulfilment for each that was paid before; what 0011 added is checked

Revision: 0012
After: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

BATCH = 2000
VALIDATED = {
    'orders_orders': ('ck_orders_orders_freight', 'ck_orders_orders_method'),
    'orders_lines': ('ck_orders_lines_goods_kind', 'ck_orders_lines_take_rate'),
    'orders_adjustments': ('fk_orders_adjustments_order_id', 'ck_orders_adjustments_of_what'),
}
# What was paid before there was fulfilment has no deadline: it may have been sent long ago, past this system.
BEGIN = sa.text(
    'WITH due AS (SELECT o.id, o.shop_id, o.total, o.freight, p.paid_at FROM orders_orders o'
    '  JOIN orders_purchases p ON p.id = o.purchase_id'
    "  WHERE o.id > :after AND p.status = 'paid' ORDER BY o.id LIMIT :most),"
    ' begun AS (INSERT INTO fulfilment_orders (order_id, shop_id, fulfilment, aftersale, total, freight, began_at)'
    "  SELECT id, shop_id, 'unfulfilled', 'none', total, freight, paid_at FROM due ON CONFLICT DO NOTHING"
    '  RETURNING order_id),'
    ' lines AS (INSERT INTO fulfilment_lines (line_id, order_id, sku_id, quantity, total)'
    '  SELECT l.id, l.order_id, l.sku_id, l.quantity, l.price * l.quantity + coalesce((SELECT sum(a.amount)'
    '    FROM orders_adjustments a WHERE a.line_id = l.id), 0)'
    '  FROM begun JOIN orders_lines l ON l.order_id = begun.order_id)'
    ' SELECT id FROM due ORDER BY id DESC LIMIT 1'
)


def upgrade():
    """Runs beside the shop, and again after it broke off: no statement holds a lock for long."""
    with op.get_context().autocommit_block():
        op.execute('SET lock_timeout = 0')
        op.execute('DROP INDEX CONCURRENTLY IF EXISTS ix_orders_adjustments_freight')
        op.execute(
            'CREATE INDEX CONCURRENTLY ix_orders_adjustments_freight ON orders_adjustments (order_id)'
            ' WHERE line_id IS NULL'
        )
        for table, names in VALIDATED.items():
            for name in names:
                op.execute(f'ALTER TABLE {table} VALIDATE CONSTRAINT {name}')
        after = '00000000-0000-0000-0000-000000000000'
        while after is not None:
            after = op.get_bind().scalar(BEGIN, {'after': after, 'most': BATCH})


def downgrade():
    op.execute('DROP INDEX ix_orders_adjustments_freight')
    op.execute('DELETE FROM fulfilment_log')
    op.execute('DELETE FROM fulfilment_lines')
    op.execute('DELETE FROM fulfilment_orders')
