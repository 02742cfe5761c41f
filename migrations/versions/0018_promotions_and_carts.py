"""promotions, coupons, freight, carts, addresses, invoices

Revision: 0018
After: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

NOW = sa.text('now()')
TABLES = (
    'placing_pay_ways',
    'carts_lines',
    'carts_carts',
    'invoices_log',
    'invoices_requests',
    'coupons_log',
    'coupons_codes',
    'coupons_coupons',
    'coupons_batches',
    'promotions_log',
    'promotions_uses',
    'promotions_slots',
    'promotions_promotions',
    'freight_products',
    'freight_templates',
    'addresses_addresses',
)


def upgrade() -> None:
    _addresses()
    _freight()
    _promotions()
    _coupons()
    _invoices()
    _carts()
    _placing()
    # Both without a default: old code goes on writing rows without them, and no row is rewritten.
    op.add_column('checkout_checkouts', sa.Column('invoice', JSONB(none_as_null=True), nullable=True))
    op.add_column('checkout_lines', sa.Column('cart_line_id', sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column('checkout_lines', 'cart_line_id')
    op.drop_column('checkout_checkouts', 'invoice')
    for table in TABLES:
        op.drop_table(table)


def _addresses() -> None:
    op.create_table(
        'addresses_addresses',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('phone', sa.Text(), nullable=False),
        sa.Column('province', sa.Text(), nullable=False),
        sa.Column('city', sa.Text(), nullable=False),
        sa.Column('district', sa.Text(), nullable=False),
        sa.Column('street', sa.Text(), nullable=False),
        sa.Column('is_default', sa.Boolean(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_addresses_addresses_person_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_addresses_addresses')),
    )
    op.create_index('ix_addresses_addresses_person', 'addresses_addresses', ['person_id', 'created_at', 'id'])
    op.create_index(
        'uq_addresses_addresses_default',
        'addresses_addresses',
        ['person_id'],
        unique=True,
        postgresql_where=sa.text('is_default'),
    )


def _freight() -> None:
    op.create_table(
        'freight_templates',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('unit', sa.Text(), nullable=False),
        sa.Column('is_default', sa.Boolean(), nullable=False),
        sa.Column('rules', JSONB(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column('changed_at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint("unit IN ('piece', 'weight')", name=op.f('ck_freight_templates_unit')),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_freight_templates_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_freight_templates')),
    )
    op.create_index('ix_freight_templates_shop', 'freight_templates', ['shop_id', 'created_at', 'id'])
    op.create_index(
        'uq_freight_templates_default',
        'freight_templates',
        ['shop_id'],
        unique=True,
        postgresql_where=sa.text('is_default'),
    )
    op.create_table(
        'freight_products',
        sa.Column('product_id', sa.Uuid(), nullable=False),
        sa.Column('template_id', sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(['product_id'], ['catalogue_products.id'], name=op.f('fk_freight_products_product_id')),
        sa.ForeignKeyConstraint(
            ['template_id'], ['freight_templates.id'], name=op.f('fk_freight_products_template_id')
        ),
        sa.PrimaryKeyConstraint('product_id', name=op.f('pk_freight_products')),
    )
    op.create_index(op.f('ix_freight_products_template_id'), 'freight_products', ['template_id'])


def _promotions() -> None:
    op.create_table(
        'promotions_log',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('promotion_id', sa.Uuid(), nullable=False),
        sa.Column('who_id', sa.Uuid(), nullable=True),
        sa.Column('before', sa.Text(), nullable=True),
        sa.Column('after', sa.Text(), nullable=False),
        sa.Column('why', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_promotions_log')),
    )
    op.create_index('ix_promotions_log_promotion', 'promotions_log', ['promotion_id', 'id'])
    op.create_table(
        'promotions_promotions',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=True),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('terms', JSONB(), nullable=False),
        sa.Column('scope', JSONB(), nullable=False),
        sa.Column('is_coupon', sa.Boolean(), nullable=False),
        sa.Column('stack_group', sa.Text(), nullable=False),
        sa.Column('min_spend', sa.BigInteger(), nullable=False),
        sa.Column('cap', sa.BigInteger(), nullable=True),
        sa.Column('budget', sa.BigInteger(), nullable=True),
        sa.Column('most_uses', sa.Integer(), nullable=True),
        sa.Column('most_per_person', sa.Integer(), nullable=True),
        sa.Column('most_per_day', sa.Integer(), nullable=True),
        sa.Column('platform_share', sa.Integer(), nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('made_by', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'running', 'paused', 'ended')", name=op.f('ck_promotions_promotions_state')
        ),
        sa.CheckConstraint('platform_share BETWEEN 0 AND 10000', name=op.f('ck_promotions_promotions_platform_share')),
        sa.CheckConstraint('shop_id IS NULL OR platform_share = 0', name=op.f('ck_promotions_promotions_funder')),
        sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_promotions_promotions_window')),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_promotions_promotions_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_promotions_promotions')),
    )
    op.create_index(
        'ix_promotions_promotions_owner', 'promotions_promotions', ['shop_id', 'is_coupon', 'created_at', 'id']
    )
    op.create_index(
        'ix_promotions_promotions_running',
        'promotions_promotions',
        ['shop_id', 'ends_at'],
        postgresql_where=sa.text("state = 'running' AND NOT is_coupon"),
    )
    op.create_table(
        'promotions_slots',
        sa.Column('promotion_id', sa.Uuid(), nullable=False),
        sa.Column('slot', sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column('budget_left', sa.BigInteger(), nullable=True),
        sa.Column('uses_left', sa.Integer(), nullable=True),
        sa.CheckConstraint('budget_left >= 0', name=op.f('ck_promotions_slots_budget')),
        sa.CheckConstraint('uses_left >= 0', name=op.f('ck_promotions_slots_uses')),
        sa.ForeignKeyConstraint(
            ['promotion_id'], ['promotions_promotions.id'], name=op.f('fk_promotions_slots_promotion_id')
        ),
        sa.PrimaryKeyConstraint('promotion_id', 'slot', name=op.f('pk_promotions_slots')),
    )
    op.create_table(
        'promotions_uses',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('promotion_id', sa.Uuid(), nullable=False),
        sa.Column('purchase_id', sa.Uuid(), nullable=False),
        sa.Column('buyer_kind', sa.Text(), nullable=False),
        sa.Column('buyer_id', sa.Uuid(), nullable=False),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.Column('revenue', sa.BigInteger(), nullable=False),
        sa.Column('open_shops', sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column('slot', sa.SmallInteger(), nullable=True),
        sa.Column('number', sa.Integer(), nullable=True),
        sa.Column('day', sa.Date(), nullable=True),
        sa.Column('day_number', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column('returned_at', sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_promotions_uses')),
        sa.UniqueConstraint('purchase_id', 'promotion_id', name=op.f('uq_promotions_uses_purchase_id_promotion_id')),
    )
    op.create_index('ix_promotions_uses_promotion', 'promotions_uses', ['promotion_id', 'at'])
    op.create_index(
        'uq_promotions_uses_day',
        'promotions_uses',
        ['promotion_id', 'buyer_id', 'day', 'day_number'],
        unique=True,
        postgresql_where=sa.text('returned_at IS NULL AND day_number IS NOT NULL'),
    )
    op.create_index(
        'uq_promotions_uses_number',
        'promotions_uses',
        ['promotion_id', 'buyer_id', 'number'],
        unique=True,
        postgresql_where=sa.text('returned_at IS NULL AND number IS NOT NULL'),
    )


def _coupons() -> None:
    op.create_table(
        'coupons_log',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('coupon_id', sa.Uuid(), nullable=False),
        sa.Column('before', sa.Text(), nullable=True),
        sa.Column('after', sa.Text(), nullable=False),
        sa.Column('why', sa.Text(), nullable=False),
        sa.Column('purchase_id', sa.Uuid(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_coupons_log')),
    )
    op.create_index('ix_coupons_log_coupon', 'coupons_log', ['coupon_id', 'id'])
    op.create_table(
        'coupons_batches',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=True),
        sa.Column('quantity', sa.Integer(), nullable=True),
        sa.Column('claimed', sa.Integer(), server_default=sa.text('0'), nullable=False),
        sa.Column('per_person', sa.Integer(), nullable=False),
        sa.Column('is_claimable', sa.Boolean(), nullable=False),
        sa.Column('claim_from', sa.DateTime(timezone=True), nullable=True),
        sa.Column('claim_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('valid_days', sa.Integer(), nullable=True),
        sa.Column('code', sa.Text(), nullable=True),
        sa.Column('code_key', sa.Text(), nullable=True),
        sa.CheckConstraint('claimed BETWEEN 0 AND quantity', name=op.f('ck_coupons_batches_claimed')),
        sa.CheckConstraint('per_person > 0', name=op.f('ck_coupons_batches_per_person')),
        sa.ForeignKeyConstraint(['id'], ['promotions_promotions.id'], name=op.f('fk_coupons_batches_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_coupons_batches')),
    )
    op.create_index(
        'ix_coupons_batches_claimable', 'coupons_batches', ['shop_id', 'id'], postgresql_where=sa.text('is_claimable')
    )
    op.create_index(
        'uq_coupons_batches_code',
        'coupons_batches',
        ['code_key'],
        unique=True,
        postgresql_where=sa.text('shop_id IS NULL'),
    )
    op.create_index(
        'uq_coupons_batches_shop_code',
        'coupons_batches',
        ['shop_id', 'code_key'],
        unique=True,
        postgresql_where=sa.text('shop_id IS NOT NULL'),
    )
    op.create_table(
        'coupons_codes',
        sa.Column('hash', sa.LargeBinary(), nullable=False),
        sa.Column('batch_id', sa.Uuid(), nullable=False),
        sa.Column('purchase_id', sa.Uuid(), nullable=True),
        sa.Column('made_at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(['batch_id'], ['coupons_batches.id'], name=op.f('fk_coupons_codes_batch_id')),
        sa.PrimaryKeyConstraint('hash', name=op.f('pk_coupons_codes')),
    )
    op.create_index('ix_coupons_codes_batch', 'coupons_codes', ['batch_id'])
    op.create_index(
        'ix_coupons_codes_purchase',
        'coupons_codes',
        ['purchase_id'],
        postgresql_where=sa.text('purchase_id IS NOT NULL'),
    )
    op.create_table(
        'coupons_coupons',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('batch_id', sa.Uuid(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('number', sa.SmallInteger(), nullable=False),
        sa.Column('how', sa.Text(), nullable=False),
        sa.Column('state', sa.Text(), server_default='unused', nullable=False),
        sa.Column('valid_until', sa.DateTime(timezone=True), nullable=False),
        sa.Column('purchase_id', sa.Uuid(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint("(state = 'used') = (purchase_id IS NOT NULL)", name=op.f('ck_coupons_coupons_purchase')),
        sa.CheckConstraint("state IN ('unused', 'used')", name=op.f('ck_coupons_coupons_state')),
        sa.ForeignKeyConstraint(['batch_id'], ['coupons_batches.id'], name=op.f('fk_coupons_coupons_batch_id')),
        sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_coupons_coupons_person_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_coupons_coupons')),
        sa.UniqueConstraint(
            'batch_id', 'person_id', 'number', name=op.f('uq_coupons_coupons_batch_id_person_id_number')
        ),
    )
    op.create_index('ix_coupons_coupons_person', 'coupons_coupons', ['person_id', 'at', 'id'])
    op.create_index(
        'ix_coupons_coupons_purchase',
        'coupons_coupons',
        ['purchase_id'],
        postgresql_where=sa.text('purchase_id IS NOT NULL'),
    )


def _invoices() -> None:
    op.create_table(
        'invoices_log',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('who_id', sa.Uuid(), nullable=True),
        sa.Column('before', sa.Text(), nullable=True),
        sa.Column('after', sa.Text(), nullable=False),
        sa.Column('why', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_invoices_log')),
    )
    op.create_index('ix_invoices_log_order', 'invoices_log', ['order_id'])
    op.create_table(
        'invoices_requests',
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('title', sa.Text(), nullable=False),
        sa.Column('tax_number', sa.Text(), nullable=True),
        sa.Column('email', sa.Text(), nullable=False),
        sa.Column('state', sa.Text(), server_default='requested', nullable=False),
        sa.Column('number', sa.Text(), nullable=True),
        sa.Column('file_url', sa.Text(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column('issued_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'company') = (tax_number IS NOT NULL)", name=op.f('ck_invoices_requests_tax_number')
        ),
        sa.CheckConstraint("(state = 'issued') = (number IS NOT NULL)", name=op.f('ck_invoices_requests_number')),
        sa.CheckConstraint("kind IN ('personal', 'company')", name=op.f('ck_invoices_requests_kind')),
        sa.CheckConstraint("state IN ('requested', 'issued')", name=op.f('ck_invoices_requests_state')),
        sa.ForeignKeyConstraint(['order_id'], ['orders_orders.id'], name=op.f('fk_invoices_requests_order_id')),
        sa.PrimaryKeyConstraint('order_id', name=op.f('pk_invoices_requests')),
    )
    op.create_index('ix_invoices_requests_shop', 'invoices_requests', ['shop_id', 'state', 'created_at', 'order_id'])


def _carts() -> None:
    op.create_table(
        'carts_carts',
        sa.Column('buyer_id', sa.Uuid(), nullable=False),
        sa.Column('buyer_kind', sa.Text(), nullable=False),
        sa.Column('lines', sa.Integer(), nullable=False),
        sa.CheckConstraint('lines BETWEEN 0 AND 100', name=op.f('ck_carts_carts_lines')),
        sa.PrimaryKeyConstraint('buyer_id', name=op.f('pk_carts_carts')),
    )
    op.create_table(
        'carts_lines',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('buyer_id', sa.Uuid(), nullable=False),
        sa.Column('product_id', sa.Uuid(), nullable=False),
        sa.Column('sku_id', sa.Uuid(), nullable=False),
        sa.Column('quantity', sa.SmallInteger(), nullable=False),
        sa.Column('link_code', sa.Text(), nullable=True),
        sa.Column('price_added', sa.BigInteger(), nullable=False),
        sa.Column('is_ticked', sa.Boolean(), server_default=sa.text('true'), nullable=False),
        sa.Column('added_at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint('quantity BETWEEN 1 AND 99', name=op.f('ck_carts_lines_quantity')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_carts_lines')),
        sa.UniqueConstraint('buyer_id', 'sku_id', name=op.f('uq_carts_lines_buyer_id_sku_id')),
    )
    op.create_index('ix_carts_lines_buyer', 'carts_lines', ['buyer_id', 'added_at', 'id'])


def _placing() -> None:
    op.create_table(
        'placing_pay_ways',
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('gateway', sa.Text(), nullable=False),
        sa.Column('changed_at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_placing_pay_ways_person_id')),
        sa.PrimaryKeyConstraint('person_id', name=op.f('pk_placing_pay_ways')),
    )
