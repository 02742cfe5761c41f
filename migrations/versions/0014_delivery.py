"""delivery: packages, tracks, codes to fetch orders with; orders that were sent too late

Revision: 0014
After: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

ORDER = ['fulfilment_orders.order_id']
MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        'delivery_packages',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('sender_id', sa.Uuid(), nullable=False),
        sa.Column('carrier', sa.Text(), nullable=False),
        sa.Column('number', sa.Text(), nullable=False),
        sa.Column('shipped_at', MOMENT, server_default=sa.text('now()'), nullable=False),
        sa.Column('delivered_at', MOMENT, nullable=True),
        sa.Column('receive_by', MOMENT, nullable=False),
        sa.Column('put_off', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.Column('received_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(['order_id'], ORDER, name=op.f('fk_delivery_packages_order_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery_packages')),
        sa.UniqueConstraint('order_id', 'carrier', 'number', name=op.f('uq_delivery_packages_order_id_carrier_number')),
    )
    op.create_index(
        'ix_delivery_packages_due', 'delivery_packages', ['receive_by'],
        postgresql_where=sa.text('received_at IS NULL'),
    )
    op.create_index('ix_delivery_packages_number', 'delivery_packages', ['carrier', 'number'])
    op.create_table(
        'delivery_package_lines',
        sa.Column('package_id', sa.Uuid(), nullable=False),
        sa.Column('line_id', sa.Uuid(), nullable=False),
        sa.Column('units', sa.BigInteger(), nullable=False),
        sa.CheckConstraint('units > 0', name=op.f('ck_delivery_package_lines_units')),
        sa.ForeignKeyConstraint(['line_id'], ['orders_lines.id'], name=op.f('fk_delivery_package_lines_line_id')),
        sa.ForeignKeyConstraint(
            ['package_id'], ['delivery_packages.id'], name=op.f('fk_delivery_package_lines_package_id')
        ),
        sa.PrimaryKeyConstraint('package_id', 'line_id', name=op.f('pk_delivery_package_lines')),
    )
    op.create_table(
        'delivery_tracks',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('package_id', sa.Uuid(), nullable=False),
        sa.Column('event_id', sa.Text(), nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('place', sa.Text(), nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.Column('received_at', MOMENT, server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint(
            "state IN ('picked_up', 'moving', 'delivering', 'delivered', 'lost')",
            name=op.f('ck_delivery_tracks_state'),
        ),
        sa.ForeignKeyConstraint(['package_id'], ['delivery_packages.id'], name=op.f('fk_delivery_tracks_package_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery_tracks')),
        sa.UniqueConstraint('package_id', 'event_id', name=op.f('uq_delivery_tracks_package_id_event_id')),
    )
    op.create_table(
        'delivery_pick_ups',
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('turn', sa.BigInteger(), nullable=False),
        sa.Column('code_hash', sa.Text(), nullable=False),
        sa.Column('fetched_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(['order_id'], ['orders_orders.id'], name=op.f('fk_delivery_pick_ups_order_id')),
        sa.PrimaryKeyConstraint('order_id', name=op.f('pk_delivery_pick_ups')),
    )
    op.create_index(
        'uq_delivery_pick_ups_code', 'delivery_pick_ups', ['shop_id', 'code_hash'], unique=True,
        postgresql_where=sa.text('fetched_at IS NULL'),
    )
    op.create_table(
        'lateness_orders',
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.Column('at', MOMENT, server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint('amount >= 0', name=op.f('ck_lateness_orders_amount')),
        sa.ForeignKeyConstraint(['order_id'], ORDER, name=op.f('fk_lateness_orders_order_id')),
        sa.PrimaryKeyConstraint('order_id', name=op.f('pk_lateness_orders')),
    )
    op.create_index('ix_lateness_orders_shop', 'lateness_orders', ['shop_id', 'at'])


def downgrade():
    for table in (
        *('lateness_orders', 'delivery_pick_ups', 'delivery_tracks', 'delivery_package_lines', 'delivery_packages'),
    ):
        op.drop_table(table)
