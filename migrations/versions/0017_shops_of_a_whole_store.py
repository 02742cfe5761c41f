"""shops of a whole store

Revision: 0017
After: 0016
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'onboarding_log',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('application_id', sa.Uuid(), nullable=False),
        sa.Column('who_id', sa.Uuid(), nullable=True),
        sa.Column('before', sa.Text(), nullable=False),
        sa.Column('after', sa.Text(), nullable=False),
        sa.Column('why', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_onboarding_log')),
    )
    op.create_index('ix_onboarding_log_application', 'onboarding_log', ['application_id', 'id'], unique=False)
    op.create_table(
        'staffing_log',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('who_id', sa.Uuid(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('what', sa.Text(), nullable=False),
        sa.Column('before', sa.Text(), nullable=True),
        sa.Column('after', sa.Text(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_staffing_log')),
    )
    op.create_index('ix_staffing_log_shop', 'staffing_log', ['shop_id', 'id'], unique=False)
    op.create_table(
        'decor_pages',
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('theme', sa.Text(), server_default='rose', nullable=False),
        sa.Column('tagline', sa.Text(), server_default='', nullable=False),
        sa.Column(
            'content', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            'best', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column('best_due_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('version', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
        sa.Column('changed_by', sa.Uuid(), nullable=True),
        sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint(
            "theme IN ('rose', 'tea', 'ocean', 'amber', 'violet', 'ink')", name=op.f('ck_decor_pages_theme')
        ),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_decor_pages_shop_id')),
        sa.PrimaryKeyConstraint('shop_id', name=op.f('pk_decor_pages')),
    )
    op.create_index(
        'ix_decor_pages_best_due',
        'decor_pages',
        ['best_due_at'],
        unique=False,
        postgresql_where=sa.text('best_due_at IS NOT NULL'),
    )
    op.create_table(
        'deposits_deposits',
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('held', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
        sa.Column('owed', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
        sa.Column('required', sa.BigInteger(), nullable=True),
        sa.Column('short_since', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('held >= 0 AND owed >= 0 AND required >= 0', name=op.f('ck_deposits_deposits_amounts')),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_deposits_deposits_shop_id')),
        sa.PrimaryKeyConstraint('shop_id', name=op.f('pk_deposits_deposits')),
    )
    op.create_table(
        'deposits_penalties',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.Column('taken', sa.BigInteger(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('about_kind', sa.Text(), nullable=False),
        sa.Column('about_id', sa.Uuid(), nullable=False),
        sa.Column('by_id', sa.Uuid(), nullable=True),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint("state IN ('standing', 'returned')", name=op.f('ck_deposits_penalties_state')),
        sa.CheckConstraint('amount > 0 AND taken BETWEEN 0 AND amount', name=op.f('ck_deposits_penalties_amounts')),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_deposits_penalties_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_deposits_penalties')),
        sa.UniqueConstraint(
            'shop_id',
            'reason',
            'about_kind',
            'about_id',
            name=op.f('uq_deposits_penalties_shop_id_reason_about_kind_about_id'),
        ),
    )
    op.create_index(
        'ix_deposits_penalties_owed',
        'deposits_penalties',
        ['shop_id', 'id'],
        unique=False,
        postgresql_where=sa.text("state = 'standing' AND taken < amount"),
    )
    op.create_index('ix_deposits_penalties_shop', 'deposits_penalties', ['shop_id', 'at', 'id'], unique=False)
    op.create_table(
        'deposits_top_ups',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'paid')", name=op.f('ck_deposits_top_ups_state')),
        sa.CheckConstraint('amount > 0', name=op.f('ck_deposits_top_ups_amount')),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_deposits_top_ups_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_deposits_top_ups')),
    )
    op.create_index('ix_deposits_top_ups_shop', 'deposits_top_ups', ['shop_id', 'created_at', 'id'], unique=False)
    op.create_table(
        'deposits_withdrawals',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint('amount > 0', name=op.f('ck_deposits_withdrawals_amount')),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_deposits_withdrawals_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_deposits_withdrawals')),
    )
    op.create_index(op.f('ix_deposits_withdrawals_shop_id'), 'deposits_withdrawals', ['shop_id'], unique=False)
    op.create_table(
        'onboarding_applications',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('about', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), server_default='', nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('reason', sa.Text(), server_default='', nullable=False),
        sa.Column(
            'wants', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column('version', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
        sa.Column('filed_by', sa.Uuid(), nullable=True),
        sa.Column('filed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint("about IN ('shop', 'supplier', 'brand')", name=op.f('ck_onboarding_applications_about')),
        sa.CheckConstraint(
            "state IN ('pending', 'applied', 'sample_check', 'needs_changes', 'approved', 'refused', 'suspended', 'expired')",
            name=op.f('ck_onboarding_applications_state'),
        ),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_onboarding_applications_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_onboarding_applications')),
        sa.UniqueConstraint('shop_id', 'about', 'name', name=op.f('uq_onboarding_applications_shop_id_about_name')),
    )
    op.create_index(
        'ix_onboarding_applications_until',
        'onboarding_applications',
        ['until'],
        unique=False,
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.create_index(
        'ix_onboarding_applications_waiting',
        'onboarding_applications',
        ['filed_at', 'id'],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'applied', 'sample_check') AND filed_at IS NOT NULL"),
    )
    op.create_table(
        'personalshops_shops',
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_personalshops_shops_person_id')),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_personalshops_shops_shop_id')),
        sa.PrimaryKeyConstraint('shop_id', name=op.f('pk_personalshops_shops')),
    )
    op.create_index(op.f('ix_personalshops_shops_person_id'), 'personalshops_shops', ['person_id'], unique=False)
    op.create_table(
        'resale_offers',
        sa.Column('sku_id', sa.Uuid(), nullable=False),
        sa.Column('product_id', sa.Uuid(), nullable=False),
        sa.Column('supplier_id', sa.Uuid(), nullable=False),
        sa.Column('supply_price', sa.BigInteger(), nullable=False),
        sa.Column('floor_price', sa.BigInteger(), nullable=False),
        sa.Column('by_id', sa.Uuid(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint(
            'supply_price > 0 AND supply_price <= floor_price AND floor_price <= 1000000000000',
            name=op.f('ck_resale_offers_prices'),
        ),
        sa.ForeignKeyConstraint(['supplier_id'], ['shops_shops.id'], name=op.f('fk_resale_offers_supplier_id')),
        sa.PrimaryKeyConstraint('sku_id', name=op.f('pk_resale_offers')),
    )
    op.create_index('ix_resale_offers_newest', 'resale_offers', ['at', 'sku_id'], unique=False)
    op.create_index('ix_resale_offers_supplier', 'resale_offers', ['supplier_id', 'at', 'sku_id'], unique=False)
    op.create_table(
        'resale_resold',
        sa.Column('sku_id', sa.Uuid(), nullable=False),
        sa.Column('product_id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('stock_sku_id', sa.Uuid(), nullable=False),
        sa.Column('supplier_id', sa.Uuid(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_resale_resold_shop_id')),
        sa.ForeignKeyConstraint(['supplier_id'], ['shops_shops.id'], name=op.f('fk_resale_resold_supplier_id')),
        sa.PrimaryKeyConstraint('sku_id', name=op.f('pk_resale_resold')),
    )
    op.create_index('ix_resale_resold_product', 'resale_resold', ['product_id'], unique=False)
    op.create_index('ix_resale_resold_stock', 'resale_resold', ['stock_sku_id'], unique=False)
    op.create_table(
        'scores_scores',
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('value', sa.BigInteger(), nullable=True),
        sa.Column(
            'parts', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column('computed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('value BETWEEN 0 AND 100', name=op.f('ck_scores_scores_value')),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_scores_scores_shop_id')),
        sa.PrimaryKeyConstraint('shop_id', name=op.f('pk_scores_scores')),
    )
    op.create_index('ix_scores_scores_due', 'scores_scores', ['due_at'], unique=False)
    op.create_table(
        'shops_closures',
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('why', sa.Text(), nullable=False),
        sa.Column('since', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint(
            "why IN ('pending', 'needs_changes', 'refused', 'suspended')", name=op.f('ck_shops_closures_why')
        ),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_shops_closures_shop_id')),
        sa.PrimaryKeyConstraint('shop_id', name=op.f('pk_shops_closures')),
    )
    op.create_table(
        'staffing_invitations',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('role', sa.Text(), nullable=False),
        sa.Column('by_id', sa.Uuid(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('owner', 'manager', 'packer', 'after_sales', 'reader')", name=op.f('ck_staffing_invitations_role')
        ),
        sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_staffing_invitations_person_id')),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_staffing_invitations_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_staffing_invitations')),
        sa.UniqueConstraint('shop_id', 'person_id', name=op.f('uq_staffing_invitations_shop_id_person_id')),
    )
    op.create_index('ix_staffing_invitations_expiry', 'staffing_invitations', ['expires_at'], unique=False)
    op.create_index('ix_staffing_invitations_person', 'staffing_invitations', ['person_id', 'at', 'id'], unique=False)
    op.create_table(
        'storefronts_keys',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('hash', sa.LargeBinary(), nullable=False),
        sa.Column('by_id', sa.Uuid(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('revoked_by', sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_storefronts_keys_person_id')),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_storefronts_keys_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_storefronts_keys')),
        sa.UniqueConstraint('hash', name=op.f('uq_storefronts_keys_hash')),
        sa.UniqueConstraint('person_id', name=op.f('uq_storefronts_keys_person_id')),
    )
    op.create_index('ix_storefronts_keys_shop', 'storefronts_keys', ['shop_id', 'at', 'id'], unique=False)
    op.create_table(
        'storefronts_stores',
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('slug', sa.Text(), nullable=False),
        sa.Column('template', sa.Text(), nullable=False),
        sa.Column('gateways', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z0-9](-?[a-z0-9]){2,29}$'", name=op.f('ck_storefronts_stores_slug')),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_storefronts_stores_shop_id')),
        sa.PrimaryKeyConstraint('shop_id', name=op.f('pk_storefronts_stores')),
        sa.UniqueConstraint('slug', name=op.f('uq_storefronts_stores_slug')),
    )
    op.create_table(
        'suppliers_audits',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('by_id', sa.Uuid(), nullable=False),
        sa.Column('score', sa.BigInteger(), nullable=False),
        sa.Column('note', sa.Text(), nullable=False),
        sa.Column('until', sa.DateTime(timezone=True), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint('score BETWEEN 0 AND 100', name=op.f('ck_suppliers_audits_score')),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_suppliers_audits_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_suppliers_audits')),
    )
    op.create_index('ix_suppliers_audits_shop', 'suppliers_audits', ['shop_id', 'at'], unique=False)
    op.create_table(
        'suppliers_notices',
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('until', sa.DateTime(timezone=True), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_suppliers_notices_shop_id')),
        sa.PrimaryKeyConstraint('shop_id', 'until', name=op.f('pk_suppliers_notices')),
    )
    op.create_table(
        'deposits_appeals',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('penalty_id', sa.Uuid(), nullable=False),
        sa.Column('by_id', sa.Uuid(), nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('answer', sa.Text(), server_default='', nullable=False),
        sa.Column('decided_by', sa.Uuid(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'granted', 'refused')", name=op.f('ck_deposits_appeals_state')),
        sa.ForeignKeyConstraint(['penalty_id'], ['deposits_penalties.id'], name=op.f('fk_deposits_appeals_penalty_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_deposits_appeals')),
        sa.UniqueConstraint('penalty_id', name=op.f('uq_deposits_appeals_penalty_id')),
    )
    op.create_index(
        'ix_deposits_appeals_open',
        'deposits_appeals',
        ['at', 'id'],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        'deposits_takings',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('penalty_id', sa.Uuid(), nullable=False),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint('amount > 0', name=op.f('ck_deposits_takings_amount')),
        sa.ForeignKeyConstraint(['penalty_id'], ['deposits_penalties.id'], name=op.f('fk_deposits_takings_penalty_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_deposits_takings')),
    )
    op.create_index(op.f('ix_deposits_takings_penalty_id'), 'deposits_takings', ['penalty_id'], unique=False)
    op.create_table(
        'onboarding_answers',
        sa.Column('application_id', sa.Uuid(), nullable=False),
        sa.Column('field', sa.Text(), nullable=False),
        sa.Column('words', sa.Text(), nullable=True),
        sa.Column('sealed', sa.LargeBinary(), nullable=True),
        sa.Column('upload_id', sa.Uuid(), nullable=True),
        sa.CheckConstraint('num_nonnulls(words, sealed, upload_id) = 1', name=op.f('ck_onboarding_answers_one_value')),
        sa.ForeignKeyConstraint(
            ['application_id'], ['onboarding_applications.id'], name=op.f('fk_onboarding_answers_application_id')
        ),
        sa.ForeignKeyConstraint(['upload_id'], ['uploads_uploads.id'], name=op.f('fk_onboarding_answers_upload_id')),
        sa.PrimaryKeyConstraint('application_id', 'field', name=op.f('pk_onboarding_answers')),
    )
    op.create_index(
        'ix_onboarding_answers_upload',
        'onboarding_answers',
        ['upload_id'],
        unique=False,
        postgresql_where=sa.text('upload_id IS NOT NULL'),
    )
    op.add_column('shops_shops', sa.Column('in_mall', sa.Boolean(), server_default=sa.text('true'), nullable=False))
    op.create_index(
        'ix_shops_shops_outside', 'shops_shops', ['id'], unique=False, postgresql_where=sa.text('NOT in_mall')
    )


def downgrade() -> None:
    op.drop_index('ix_shops_shops_outside', table_name='shops_shops', postgresql_where=sa.text('NOT in_mall'))
    op.drop_column('shops_shops', 'in_mall')
    op.drop_index(
        'ix_onboarding_answers_upload',
        table_name='onboarding_answers',
        postgresql_where=sa.text('upload_id IS NOT NULL'),
    )
    op.drop_table('onboarding_answers')
    op.drop_index(op.f('ix_deposits_takings_penalty_id'), table_name='deposits_takings')
    op.drop_table('deposits_takings')
    op.drop_index('ix_deposits_appeals_open', table_name='deposits_appeals', postgresql_where=sa.text("state = 'open'"))
    op.drop_table('deposits_appeals')
    op.drop_table('suppliers_notices')
    op.drop_index('ix_suppliers_audits_shop', table_name='suppliers_audits')
    op.drop_table('suppliers_audits')
    op.drop_table('storefronts_stores')
    op.drop_index('ix_storefronts_keys_shop', table_name='storefronts_keys')
    op.drop_table('storefronts_keys')
    op.drop_index('ix_staffing_invitations_person', table_name='staffing_invitations')
    op.drop_index('ix_staffing_invitations_expiry', table_name='staffing_invitations')
    op.drop_table('staffing_invitations')
    op.drop_table('shops_closures')
    op.drop_index('ix_scores_scores_due', table_name='scores_scores')
    op.drop_table('scores_scores')
    op.drop_index('ix_resale_resold_stock', table_name='resale_resold')
    op.drop_index('ix_resale_resold_product', table_name='resale_resold')
    op.drop_table('resale_resold')
    op.drop_index('ix_resale_offers_supplier', table_name='resale_offers')
    op.drop_index('ix_resale_offers_newest', table_name='resale_offers')
    op.drop_table('resale_offers')
    op.drop_index(op.f('ix_personalshops_shops_person_id'), table_name='personalshops_shops')
    op.drop_table('personalshops_shops')
    op.drop_index(
        'ix_onboarding_applications_waiting',
        table_name='onboarding_applications',
        postgresql_where=sa.text("state IN ('pending', 'applied', 'sample_check') AND filed_at IS NOT NULL"),
    )
    op.drop_index(
        'ix_onboarding_applications_until',
        table_name='onboarding_applications',
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.drop_table('onboarding_applications')
    op.drop_index(op.f('ix_deposits_withdrawals_shop_id'), table_name='deposits_withdrawals')
    op.drop_table('deposits_withdrawals')
    op.drop_index('ix_deposits_top_ups_shop', table_name='deposits_top_ups')
    op.drop_table('deposits_top_ups')
    op.drop_index('ix_deposits_penalties_shop', table_name='deposits_penalties')
    op.drop_index(
        'ix_deposits_penalties_owed',
        table_name='deposits_penalties',
        postgresql_where=sa.text("state = 'standing' AND taken < amount"),
    )
    op.drop_table('deposits_penalties')
    op.drop_table('deposits_deposits')
    op.drop_index(
        'ix_decor_pages_best_due', table_name='decor_pages', postgresql_where=sa.text('best_due_at IS NOT NULL')
    )
    op.drop_table('decor_pages')
    op.drop_index('ix_staffing_log_shop', table_name='staffing_log')
    op.drop_table('staffing_log')
    op.drop_index('ix_onboarding_log_application', table_name='onboarding_log')
    op.drop_table('onboarding_log')
