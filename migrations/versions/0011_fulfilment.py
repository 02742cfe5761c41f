"""fulfilment: how far each paid order is; freight and channel of orders

Revision: 0011
After: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

# Columns with constant defaults and unvalidated checks: none of these rewrites or scans a table under its lock.
COLUMNS = (
    "ALTER TABLE orders_orders ADD COLUMN freight bigint DEFAULT 0 NOT NULL,"
    " ADD COLUMN method text DEFAULT 'ship' NOT NULL, ADD COLUMN channel text DEFAULT 'mall' NOT NULL,"
    " ADD CONSTRAINT ck_orders_orders_freight CHECK (freight >= 0) NOT VALID,"
    " ADD CONSTRAINT ck_orders_orders_method CHECK (method IN ('ship', 'pick_up', 'none')) NOT VALID",
    "ALTER TABLE orders_lines ADD COLUMN goods_kind text DEFAULT 'physical' NOT NULL,"
    ' ADD COLUMN take_rate bigint DEFAULT 0 NOT NULL, ADD COLUMN return_days bigint DEFAULT 7 NOT NULL,'
    ' ADD COLUMN supplier_id uuid, ADD COLUMN supply_price bigint,'
    ' ADD CONSTRAINT ck_orders_lines_goods_kind'
    " CHECK (goods_kind IN ('physical', 'virtual', 'service')) NOT VALID,"
    ' ADD CONSTRAINT ck_orders_lines_take_rate CHECK (take_rate BETWEEN 0 AND 10000) NOT VALID',
    'ALTER TABLE orders_adjustments ADD COLUMN order_id uuid, ALTER COLUMN line_id DROP NOT NULL,'
    ' ADD CONSTRAINT fk_orders_adjustments_order_id FOREIGN KEY (order_id)'
    ' REFERENCES orders_orders (id) NOT VALID,'
    ' ADD CONSTRAINT ck_orders_adjustments_of_what CHECK ((line_id IS NULL) <> (order_id IS NULL)) NOT VALID',
)

def upgrade():
    for one in COLUMNS:
        op.execute(one)
    _make_tables()


def downgrade():
    for table in ('fulfilment_log', 'fulfilment_lines', 'fulfilment_orders'):
        op.drop_table(table)
    op.execute('DELETE FROM orders_adjustments WHERE line_id IS NULL')
    op.execute(
        'ALTER TABLE orders_adjustments DROP COLUMN order_id CASCADE, ALTER COLUMN line_id SET NOT NULL,'
        ' DROP CONSTRAINT IF EXISTS ck_orders_adjustments_of_what'
    )
    for table, columns in {
        'orders_lines': ('goods_kind', 'take_rate', 'return_days', 'supplier_id', 'supply_price'),
        'orders_orders': ('freight', 'method', 'channel'),
    }.items():
        for column in columns:
            op.drop_column(table, column)


def _make_tables():
    op.create_table(
        'fulfilment_orders',
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('fulfilment', sa.Text(), nullable=False),
        sa.Column('aftersale', sa.Text(), nullable=False),
        sa.Column('total', sa.BigInteger(), nullable=False),
        sa.Column('refunded', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
        sa.Column('freight', sa.BigInteger(), nullable=False),
        sa.Column('freight_refunded', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
        sa.Column('ship_by', sa.DateTime(timezone=True), nullable=True),
        sa.Column('address', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column('began_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('received_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('refunded BETWEEN 0 AND total', name=op.f('ck_fulfilment_orders_refunded')),
        sa.CheckConstraint(
            'freight_refunded BETWEEN 0 AND freight', name=op.f('ck_fulfilment_orders_freight_refunded')
        ),
        sa.ForeignKeyConstraint(['order_id'], ['orders_orders.id'], name=op.f('fk_fulfilment_orders_order_id')),
        sa.PrimaryKeyConstraint('order_id', name=op.f('pk_fulfilment_orders')),
    )
    op.create_index(
        'ix_fulfilment_orders_shop', 'fulfilment_orders', ['shop_id', 'fulfilment', 'began_at', 'order_id']
    )
    op.create_index(
        'ix_fulfilment_orders_late', 'fulfilment_orders', ['ship_by'],
        postgresql_where=sa.text("fulfilment IN ('unfulfilled', 'partly_shipped') AND ship_by IS NOT NULL"),
    )
    counts = ('shipped', 'received', 'claimed', 'cancelled', 'returned', 'refunded', 'refunded_amount')
    op.create_table(
        'fulfilment_lines',
        sa.Column('line_id', sa.Uuid(), nullable=False),
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('sku_id', sa.Uuid(), nullable=False),
        sa.Column('quantity', sa.BigInteger(), nullable=False),
        sa.Column('total', sa.BigInteger(), nullable=False),
        *(sa.Column(one, sa.BigInteger(), server_default=sa.text('0'), nullable=False) for one in counts),
        sa.CheckConstraint('cancelled + shipped <= quantity', name=op.f('ck_fulfilment_lines_shipped')),
        sa.CheckConstraint(
            'received <= shipped AND returned <= shipped', name=op.f('ck_fulfilment_lines_received')
        ),
        sa.CheckConstraint('claimed + refunded <= quantity', name=op.f('ck_fulfilment_lines_claimed')),
        sa.CheckConstraint(
            'refunded_amount BETWEEN 0 AND greatest(total, 0)', name=op.f('ck_fulfilment_lines_refunded_amount')
        ),
        sa.CheckConstraint(
            'least(shipped, received, claimed, cancelled, returned, refunded) >= 0 AND cancelled <= refunded',
            name=op.f('ck_fulfilment_lines_moved'),
        ),
        sa.ForeignKeyConstraint(['line_id'], ['orders_lines.id'], name=op.f('fk_fulfilment_lines_line_id')),
        sa.ForeignKeyConstraint(
            ['order_id'], ['fulfilment_orders.order_id'], name=op.f('fk_fulfilment_lines_order_id')
        ),
        sa.PrimaryKeyConstraint('line_id', name=op.f('pk_fulfilment_lines')),
    )
    op.create_index('ix_fulfilment_lines_order', 'fulfilment_lines', ['order_id'])
    op.create_table(
        'fulfilment_log',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('what', sa.Text(), nullable=False),
        sa.Column('who_kind', sa.Text(), nullable=False),
        sa.Column('who_id', sa.Uuid(), nullable=True),
        sa.Column('before', sa.Text(), nullable=False),
        sa.Column('after', sa.Text(), nullable=False),
        sa.Column('why', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.ForeignKeyConstraint(
            ['order_id'], ['fulfilment_orders.order_id'], name=op.f('fk_fulfilment_log_order_id')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_fulfilment_log')),
    )
    op.create_index('ix_fulfilment_log_order', 'fulfilment_log', ['order_id', 'id'])
