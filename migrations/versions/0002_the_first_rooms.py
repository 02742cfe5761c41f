"""the first rooms

Revision: 0002
After: 0001
"""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

BALANCED = """
CREATE FUNCTION ledger_refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    journal uuid;
BEGIN
    IF TG_TABLE_NAME = 'ledger_journals' THEN
        journal := NEW.id;
    ELSE
        journal := NEW.journal_id;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM ledger_entries WHERE journal_id = journal)
        OR EXISTS (
            SELECT 1 FROM ledger_entries WHERE journal_id = journal GROUP BY currency HAVING sum(amount) <> 0
        )
    THEN
        RAISE EXCEPTION 'a journal must have entries, and they must sum to 0'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_ledger_journals_balanced';
    END IF;
    RETURN NULL;
END $$
"""

UNCHANGED = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is only ever added to'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ck_ledger_unchanged';
END $$
"""

CATEGORIES = {
    "0b25343a-2743-5d20-aa58-ce8ee29d9f79": "护肤",
    "298ce90c-8bab-5a28-b015-215894c749d6": "彩妆",
    "c2da8354-cf69-543a-b236-ecc43239df1a": "香氛",
    "7b16bbfd-198f-546e-9142-2261962b8779": "女装",
    "c6466d97-dad8-5fdc-a0ba-80e19a1cd556": "男装",
    "0ada22d6-59b6-5eb7-ab28-bc05bbd3f518": "童装",
    "692bcacb-d56f-5e49-8df4-08171a675751": "内衣",
    "1de88c71-f7cd-515a-b47f-8c3d9e1a9819": "鞋靴",
    "5271fa41-7573-5818-acc0-d2e13291ce83": "箱包",
    "0ea1ce88-12bf-5e4e-9af1-4a05fd8bbe7c": "首饰配饰",
    "403f3d63-b720-52b2-b9bc-1ef1d6b49db2": "母婴",
    "6ed76620-6ac2-58df-b290-e0569af6cd2c": "食品",
    "ad4dd2f4-f7e2-595d-8b8e-66be527aa7ef": "茶酒饮料",
    "248cbad9-4cf4-58c3-9763-33a1118f6070": "生鲜",
    "14657c61-ba14-5c0a-9e88-f162bd54b045": "家居日用",
    "d09cb2cc-303e-53b3-9e06-83a72ec048ea": "家纺",
    "e5ad9cc0-8c77-516b-b755-14447f2953d3": "家具",
    "249be429-ba65-5a96-a9da-05bc7082bb9f": "厨具",
    "48730c81-4701-58c3-b21c-6f4cbea9e574": "家用电器",
    "d15c1b73-cb7f-53c5-883e-db5e3f21cda9": "手机数码",
    "35f8c422-5980-5da9-8c9b-90b399324835": "电脑办公",
    "d6c4edfd-9b0e-54f8-a03d-c64b45b044e7": "运动户外",
    "ee613d5f-4255-573e-b08d-66e5f3dc35fd": "图书文具",
    "96c43e96-877d-54dc-a51a-e01fe5cc179c": "玩具乐器",
    "0bd22fb4-3328-5326-93a7-6b28d5040f83": "宠物",
    "bd6c57b3-3562-57d5-8a51-22a5bf92baee": "汽车用品",
    "8aebd84f-9c8a-5923-ad29-0ab5d176db84": "健康",
    "56d75bc0-b605-527f-963f-e9dc14b271e0": "手工文创",
    "fa8ff699-19d2-59b6-b1aa-a791bdd426c0": "其他",
}

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('catalogue_categories',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_catalogue_categories')),
    sa.UniqueConstraint('name', name=op.f('uq_catalogue_categories_name'))
    )
    op.create_index('ix_catalogue_categories_order', 'catalogue_categories', ['position', 'name'], unique=False)
    op.create_table('catalogue_log',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('who_id', sa.Uuid(), nullable=True),
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('after', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_catalogue_log'))
    )
    op.create_index('ix_catalogue_log_product', 'catalogue_log', ['product_id', 'id'], unique=False)
    op.create_table('checkout_checkouts',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('buyer_kind', sa.Text(), nullable=False),
    sa.Column('buyer_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('address', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('offers', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("buyer_kind IN ('person', 'guest')", name=op.f('ck_checkout_checkouts_buyer_kind')),
    sa.CheckConstraint("state IN ('open', 'purchased', 'released')", name=op.f('ck_checkout_checkouts_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checkout_checkouts'))
    )
    op.create_index('ix_checkout_checkouts_buyer', 'checkout_checkouts', ['buyer_kind', 'buyer_id', 'created_at'], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_index('ix_checkout_checkouts_due', 'checkout_checkouts', ['expires_at'], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_table('demo_planted',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_demo_planted'))
    )
    op.create_table('feed_snapshots',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('seed', sa.BigInteger(), nullable=False),
    sa.Column('ids', sa.ARRAY(sa.Uuid()), nullable=False),
    sa.Column('as_of', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('is_paged', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feed_snapshots')),
    sa.UniqueConstraint('seed', name=op.f('uq_feed_snapshots_seed'))
    )
    op.create_index('ix_feed_snapshots_made', 'feed_snapshots', ['made_at'], unique=False)
    op.create_table('inventory_holds',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('sku_id', sa.Uuid(), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('subject_kind', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("state IN ('active', 'committed', 'released')", name=op.f('ck_inventory_holds_state')),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_inventory_holds_quantity')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inventory_holds'))
    )
    op.create_index(op.f('ix_inventory_holds_sku_id'), 'inventory_holds', ['sku_id'], unique=False)
    op.create_index('ix_inventory_holds_subject', 'inventory_holds', ['subject_kind', 'subject_id'], unique=False)
    op.create_table('inventory_movements',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('sku_id', sa.Uuid(), nullable=False),
    sa.Column('delta', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('subject_kind', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inventory_movements'))
    )
    op.create_index('ix_inventory_movements_sku', 'inventory_movements', ['sku_id', 'id'], unique=False)
    op.create_table('inventory_stock',
    sa.Column('sku_id', sa.Uuid(), nullable=False),
    sa.Column('available', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('available BETWEEN 0 AND 2000000000', name=op.f('ck_inventory_stock_available')),
    sa.PrimaryKeyConstraint('sku_id', name=op.f('pk_inventory_stock'))
    )
    op.create_table('ledger_accounts',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_accounts')),
    sa.UniqueConstraint('name', name=op.f('uq_ledger_accounts_name'))
    )
    op.create_table('ledger_journals',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('subject_kind', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_journals')),
    sa.UniqueConstraint('kind', 'subject_kind', 'subject_id', name=op.f('uq_ledger_journals_kind_subject_kind_subject_id'))
    )
    op.create_table('links_clicks',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('link_id', sa.Uuid(), nullable=False),
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('visitor_kind', sa.Text(), nullable=True),
    sa.Column('visitor_id', sa.Uuid(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('(visitor_kind IS NULL) = (visitor_id IS NULL)', name=op.f('ck_links_clicks_visitor')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_links_clicks'))
    )
    op.create_index('ix_links_clicks_link_id', 'links_clicks', ['link_id'], unique=False)
    op.create_index('ix_links_clicks_visitor', 'links_clicks', ['visitor_kind', 'visitor_id', 'product_id', 'at'], unique=False)
    op.create_table('links_parted_posts',
    sa.Column('post_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('post_id', name=op.f('pk_links_parted_posts'))
    )
    op.create_table('orders_purchases',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('buyer_kind', sa.Text(), nullable=False),
    sa.Column('buyer_id', sa.Uuid(), nullable=False),
    sa.Column('checkout_id', sa.Uuid(), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('pay_by', sa.DateTime(timezone=True), nullable=False),
    sa.Column('address', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name=op.f('ck_orders_purchases_paid_at')),
    sa.CheckConstraint("status IN ('unpaid', 'paid', 'lapsed', 'cancelled')", name=op.f('ck_orders_purchases_status')),
    sa.CheckConstraint('total >= 0', name=op.f('ck_orders_purchases_total')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orders_purchases')),
    sa.UniqueConstraint('checkout_id', name=op.f('uq_orders_purchases_checkout_id'))
    )
    op.create_index('ix_orders_purchases_buyer', 'orders_purchases', ['buyer_kind', 'buyer_id', 'created_at', 'id'], unique=False)
    op.create_index('ix_orders_purchases_due', 'orders_purchases', ['status', 'pay_by'], unique=False, postgresql_where=sa.text("status = 'unpaid'"))
    op.create_table('payments_callbacks',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('gateway', sa.Text(), nullable=False),
    sa.Column('event_id', sa.Text(), nullable=False),
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('result', sa.Text(), nullable=True),
    sa.Column('tries', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), server_default=sa.text("now() + interval '2 seconds'"), nullable=False),
    sa.CheckConstraint("outcome IN ('paid', 'failed')", name=op.f('ck_payments_callbacks_outcome')),
    sa.CheckConstraint('(settled_at IS NULL) = (result IS NULL)', name=op.f('ck_payments_callbacks_result')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payments_callbacks')),
    sa.UniqueConstraint('gateway', 'event_id', name=op.f('uq_payments_callbacks_gateway_event_id'))
    )
    op.create_index('ix_payments_callbacks_due', 'payments_callbacks', ['next_try_at'], unique=False, postgresql_where=sa.text('settled_at IS NULL'))
    op.create_index('ix_payments_callbacks_payment', 'payments_callbacks', ['payment_id'], unique=False)
    op.create_table('payments_payments',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('payable_kind', sa.Text(), nullable=False),
    sa.Column('payable_id', sa.Uuid(), nullable=False),
    sa.Column('attempt', sa.BigInteger(), nullable=False),
    sa.Column('payer_kind', sa.Text(), nullable=False),
    sa.Column('payer_id', sa.Uuid(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('gateway', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('pending', 'paid', 'failed')", name=op.f('ck_payments_payments_state')),
    sa.CheckConstraint('amount >= 0', name=op.f('ck_payments_payments_amount')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payments_payments')),
    sa.UniqueConstraint('payable_kind', 'payable_id', 'attempt', name=op.f('uq_payments_payments_payable_kind_payable_id_attempt'))
    )
    op.create_index('ix_payments_payments_payer', 'payments_payments', ['payer_kind', 'payer_id'], unique=False)
    op.create_table('posts_log',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('post_id', sa.Uuid(), nullable=False),
    sa.Column('who_id', sa.Uuid(), nullable=True),
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('after', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_posts_log'))
    )
    op.create_index('ix_posts_log_post', 'posts_log', ['post_id'], unique=False)
    op.create_table('posts_posts',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('author_kind', sa.Text(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('written_by', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('visibility', sa.Text(), nullable=False),
    sa.Column('rating', sa.SmallInteger(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('review_id', sa.Uuid(), nullable=True),
    sa.Column('pictures', sa.ARRAY(sa.Uuid()), nullable=False),
    sa.Column('card', sa.LargeBinary(), nullable=True),
    sa.Column('page', sa.LargeBinary(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("(rating IS NOT NULL) = (kind = 'review') AND rating BETWEEN 1 AND 5", name=op.f('ck_posts_posts_rating')),
    sa.CheckConstraint("kind IN ('note', 'review')", name=op.f('ck_posts_posts_kind')),
    sa.CheckConstraint("state IN ('submitted', 'published', 'held')", name=op.f('ck_posts_posts_state')),
    sa.CheckConstraint("visibility IN ('public', 'private')", name=op.f('ck_posts_posts_visibility')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_posts_posts'))
    )
    op.create_index('ix_posts_posts_author_created', 'posts_posts', ['author_id', 'created_at', 'id'], unique=False)
    op.create_index('ix_posts_posts_author_published', 'posts_posts', ['author_id', 'published_at', 'id'], unique=False, postgresql_where=sa.text("visibility = 'public' AND state = 'published'"))
    op.create_index('ix_posts_posts_no_card', 'posts_posts', ['id'], unique=False, postgresql_where=sa.text('card IS NULL'))
    op.create_index('ix_posts_posts_published', 'posts_posts', ['published_at', 'id'], unique=False, postgresql_where=sa.text("visibility = 'public' AND state = 'published'"))
    op.create_table('reactions_reactions',
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("name IN ('like', 'collect')", name=op.f('ck_reactions_reactions_name')),
    sa.PrimaryKeyConstraint('subject_id', 'person_id', 'name', name=op.f('pk_reactions_reactions'))
    )
    op.create_index('ix_reactions_reactions_person_name_at', 'reactions_reactions', ['person_id', 'name', 'at'], unique=False)
    op.create_table('recommendations_impressions',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('viewer_kind', sa.Text(), nullable=False),
    sa.Column('viewer_id', sa.Uuid(), nullable=False),
    sa.Column('post_id', sa.Uuid(), nullable=False),
    sa.Column('surface', sa.Text(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('dwell_ms', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recommendations_impressions')),
    sa.UniqueConstraint('viewer_id', 'post_id', 'at', 'surface', 'position', name=op.f('uq_recommendations_impressions_viewer_id_post_id_at_surface_position'))
    )
    op.create_index(op.f('ix_recommendations_impressions_seen_at'), 'recommendations_impressions', ['seen_at'], unique=False)
    op.create_table('recommendations_last_views',
    sa.Column('viewer_id', sa.Uuid(), nullable=False),
    sa.Column('post_id', sa.Uuid(), nullable=False),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('viewer_id', 'post_id', name=op.f('pk_recommendations_last_views'))
    )
    op.create_index(op.f('ix_recommendations_last_views_counted_at'), 'recommendations_last_views', ['counted_at'], unique=False)
    op.create_table('tags_tags',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('post_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.SmallInteger(), nullable=False),
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('sku_id', sa.Uuid(), nullable=True),
    sa.Column('image', sa.SmallInteger(), nullable=True),
    sa.Column('x', sa.Double(), nullable=True),
    sa.Column('y', sa.Double(), nullable=True),
    sa.Column('title', sa.Text(), nullable=True),
    sa.Column('link_id', sa.Uuid(), nullable=False),
    sa.Column('link_code', sa.Text(), nullable=False),
    sa.Column('posted_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('x BETWEEN 0 AND 1 AND y BETWEEN 0 AND 1', name=op.f('ck_tags_tags_place')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tags_tags')),
    sa.UniqueConstraint('post_id', 'position', name=op.f('uq_tags_tags_post_id_position'))
    )
    op.create_index('ix_tags_tags_product', 'tags_tags', ['product_id', 'posted_at', 'post_id'], unique=False)
    op.create_table('topics_topics',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('name_key', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_topics_topics')),
    sa.UniqueConstraint('name_key', name=op.f('uq_topics_topics_name_key'))
    )
    op.create_table('uploads_uploads',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('format', sa.Text(), nullable=False),
    sa.Column('width', sa.BigInteger(), nullable=False),
    sa.Column('height', sa.BigInteger(), nullable=False),
    sa.Column('colour', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("format IN ('jpg', 'webp')", name=op.f('ck_uploads_uploads_format')),
    sa.CheckConstraint('width > 0 AND height > 0', name=op.f('ck_uploads_uploads_measures')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_uploads_uploads'))
    )
    op.create_index('ix_uploads_uploads_owner', 'uploads_uploads', ['owner_id', 'created_at'], unique=False)
    op.create_table('accounts_people',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('username', sa.Text(), nullable=False),
    sa.Column('username_key', sa.Text(), nullable=False),
    sa.Column('nickname', sa.Text(), nullable=False),
    sa.Column('bio', sa.Text(), server_default='', nullable=False),
    sa.Column('avatar_id', sa.Uuid(), nullable=True),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['avatar_id'], ['uploads_uploads.id'], name=op.f('fk_accounts_people_avatar_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts_people')),
    sa.UniqueConstraint('username_key', name=op.f('uq_accounts_people_username_key'))
    )
    op.create_table('checkout_lines',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('checkout_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.SmallInteger(), nullable=False),
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('sku_id', sa.Uuid(), nullable=False),
    sa.Column('quantity', sa.SmallInteger(), nullable=False),
    sa.Column('link_code', sa.Text(), nullable=True),
    sa.CheckConstraint('quantity BETWEEN 1 AND 99', name=op.f('ck_checkout_lines_quantity')),
    sa.ForeignKeyConstraint(['checkout_id'], ['checkout_checkouts.id'], name=op.f('fk_checkout_lines_checkout_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checkout_lines')),
    sa.UniqueConstraint('checkout_id', 'position', name=op.f('uq_checkout_lines_checkout_id_position'))
    )
    op.create_table('checkout_log',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('checkout_id', sa.Uuid(), nullable=False),
    sa.Column('who_kind', sa.Text(), nullable=False),
    sa.Column('who_id', sa.Uuid(), nullable=True),
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('after', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['checkout_id'], ['checkout_checkouts.id'], name=op.f('fk_checkout_log_checkout_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checkout_log'))
    )
    op.create_index(op.f('ix_checkout_log_checkout_id'), 'checkout_log', ['checkout_id'], unique=False)
    op.create_table('comments_comments',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('post_id', sa.Uuid(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['post_id'], ['posts_posts.id'], name=op.f('fk_comments_comments_post_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comments_comments'))
    )
    op.create_index('ix_comments_comments_post', 'comments_comments', ['post_id', 'created_at', 'id'], unique=False)
    op.create_table('ledger_entries',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('journal_id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.CheckConstraint('amount <> 0', name=op.f('ck_ledger_entries_amount')),
    sa.ForeignKeyConstraint(['account_id'], ['ledger_accounts.id'], name=op.f('fk_ledger_entries_account_id')),
    sa.ForeignKeyConstraint(['journal_id'], ['ledger_journals.id'], name=op.f('fk_ledger_entries_journal_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_entries'))
    )
    op.create_index('ix_ledger_entries_account', 'ledger_entries', ['account_id'], unique=False)
    op.create_index('ix_ledger_entries_journal', 'ledger_entries', ['journal_id'], unique=False)
    op.create_table('orders_log',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('purchase_id', sa.Uuid(), nullable=False),
    sa.Column('who_kind', sa.Text(), nullable=False),
    sa.Column('who_id', sa.Uuid(), nullable=True),
    sa.Column('before', sa.Text(), nullable=True),
    sa.Column('after', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['purchase_id'], ['orders_purchases.id'], name=op.f('fk_orders_log_purchase_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orders_log'))
    )
    op.create_index('ix_orders_log_purchase', 'orders_log', ['purchase_id'], unique=False)
    op.create_table('orders_orders',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('purchase_id', sa.Uuid(), nullable=False),
    sa.Column('shop_id', sa.Uuid(), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('total >= 0', name=op.f('ck_orders_orders_total')),
    sa.ForeignKeyConstraint(['purchase_id'], ['orders_purchases.id'], name=op.f('fk_orders_orders_purchase_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orders_orders'))
    )
    op.create_index('ix_orders_orders_purchase', 'orders_orders', ['purchase_id'], unique=False)
    op.create_index('ix_orders_orders_shop', 'orders_orders', ['shop_id', 'created_at', 'id'], unique=False)
    op.create_table('payments_refunds',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("state IN ('due', 'sent', 'done')", name=op.f('ck_payments_refunds_state')),
    sa.CheckConstraint('amount > 0', name=op.f('ck_payments_refunds_amount')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments_payments.id'], name=op.f('fk_payments_refunds_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payments_refunds')),
    sa.UniqueConstraint('payment_id', 'reason', name=op.f('uq_payments_refunds_payment_id_reason'))
    )
    op.create_index('ix_payments_refunds_due', 'payments_refunds', ['created_at'], unique=False, postgresql_where=sa.text("state = 'due'"))
    op.create_table('posts_deletions',
    sa.Column('post_id', sa.Uuid(), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['post_id'], ['posts_posts.id'], name=op.f('fk_posts_deletions_post_id')),
    sa.PrimaryKeyConstraint('post_id', name=op.f('pk_posts_deletions'))
    )
    op.create_table('posts_takedowns',
    sa.Column('post_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['post_id'], ['posts_posts.id'], name=op.f('fk_posts_takedowns_post_id')),
    sa.PrimaryKeyConstraint('post_id', name=op.f('pk_posts_takedowns'))
    )
    op.create_table('topics_uses',
    sa.Column('post_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.SmallInteger(), nullable=False),
    sa.Column('topic_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['topic_id'], ['topics_topics.id'], name=op.f('fk_topics_uses_topic_id')),
    sa.PrimaryKeyConstraint('post_id', 'position', name=op.f('pk_topics_uses'))
    )
    op.create_index('ix_topics_uses_topic', 'topics_uses', ['topic_id', 'post_id'], unique=False)
    op.create_table('uploads_showings',
    sa.Column('upload_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['upload_id'], ['uploads_uploads.id'], name=op.f('fk_uploads_showings_upload_id')),
    sa.PrimaryKeyConstraint('upload_id', 'kind', 'subject_id', name=op.f('pk_uploads_showings'))
    )
    op.create_index('ix_uploads_showings_subject', 'uploads_showings', ['subject_id', 'kind'], unique=False)
    op.create_table('accounts_roles',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('granted_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("role IN ('kol', 'moderator', 'admin')", name=op.f('ck_accounts_roles_role')),
    sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_accounts_roles_person_id')),
    sa.PrimaryKeyConstraint('person_id', 'role', name=op.f('pk_accounts_roles'))
    )
    op.create_table('accounts_sessions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('device', sa.Text(), nullable=False),
    sa.Column('access_hash', sa.LargeBinary(), nullable=False),
    sa.Column('access_expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_accounts_sessions_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts_sessions')),
    sa.UniqueConstraint('access_hash', name=op.f('uq_accounts_sessions_access_hash'))
    )
    op.create_index('ix_accounts_sessions_expiry', 'accounts_sessions', ['expires_at'], unique=False)
    op.create_index('ix_accounts_sessions_person', 'accounts_sessions', ['person_id'], unique=False)
    op.create_table('accounts_suspensions',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_accounts_suspensions_person_id')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_accounts_suspensions'))
    )
    op.create_table('comments_deletions',
    sa.Column('comment_id', sa.Uuid(), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['comment_id'], ['comments_comments.id'], name=op.f('fk_comments_deletions_comment_id')),
    sa.PrimaryKeyConstraint('comment_id', name=op.f('pk_comments_deletions'))
    )
    op.create_table('comments_takedowns',
    sa.Column('comment_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['comment_id'], ['comments_comments.id'], name=op.f('fk_comments_takedowns_comment_id')),
    sa.PrimaryKeyConstraint('comment_id', name=op.f('pk_comments_takedowns'))
    )
    op.create_table('moderation_decisions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("action IN ('takedown', 'restore', 'dismissal')", name=op.f('ck_moderation_decisions_action')),
    sa.ForeignKeyConstraint(['by_id'], ['accounts_people.id'], name=op.f('fk_moderation_decisions_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_moderation_decisions'))
    )
    op.create_index('ix_moderation_decisions_action_at', 'moderation_decisions', ['action', 'at', 'id'], unique=False)
    op.create_index('ix_moderation_decisions_subject', 'moderation_decisions', ['kind', 'subject_id'], unique=False)
    op.create_index('uq_moderation_decisions_in_force', 'moderation_decisions', ['kind', 'subject_id'], unique=True, postgresql_where=sa.text("action = 'takedown' AND ended_at IS NULL"))
    op.create_table('orders_lines',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('purchase_id', sa.Uuid(), nullable=False),
    sa.Column('shop_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('sku_id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('sku_name', sa.Text(), nullable=False),
    sa.Column('price', sa.BigInteger(), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('shipped', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('received', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('refunded', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('link_id', sa.Uuid(), nullable=True),
    sa.Column('post_id', sa.Uuid(), nullable=True),
    sa.Column('promoter_id', sa.Uuid(), nullable=True),
    sa.Column('own_purchase', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.CheckConstraint('price >= 0', name=op.f('ck_orders_lines_price')),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_orders_lines_quantity')),
    sa.CheckConstraint('shipped BETWEEN 0 AND quantity AND received BETWEEN 0 AND shipped AND refunded BETWEEN 0 AND quantity', name=op.f('ck_orders_lines_moved')),
    sa.ForeignKeyConstraint(['order_id'], ['orders_orders.id'], name=op.f('fk_orders_lines_order_id')),
    sa.ForeignKeyConstraint(['purchase_id'], ['orders_purchases.id'], name=op.f('fk_orders_lines_purchase_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orders_lines'))
    )
    op.create_index('ix_orders_lines_order', 'orders_lines', ['order_id'], unique=False)
    op.create_index('ix_orders_lines_product', 'orders_lines', ['product_id'], unique=False)
    op.create_index('ix_orders_lines_purchase', 'orders_lines', ['purchase_id'], unique=False)
    op.create_table('shops_shops',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['accounts_people.id'], name=op.f('fk_shops_shops_owner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shops_shops'))
    )
    op.create_index(op.f('ix_shops_shops_owner_id'), 'shops_shops', ['owner_id'], unique=False)
    op.create_table('social_follows',
    sa.Column('follower_id', sa.Uuid(), nullable=False),
    sa.Column('followed_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('follower_id <> followed_id', name=op.f('ck_social_follows_not_oneself')),
    sa.ForeignKeyConstraint(['followed_id'], ['accounts_people.id'], name=op.f('fk_social_follows_followed_id')),
    sa.ForeignKeyConstraint(['follower_id'], ['accounts_people.id'], name=op.f('fk_social_follows_follower_id')),
    sa.PrimaryKeyConstraint('follower_id', 'followed_id', name=op.f('pk_social_follows'))
    )
    op.create_index('ix_social_follows_followed', 'social_follows', ['followed_id', 'at'], unique=False)
    op.create_table('accounts_refresh_tokens',
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('replaced_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['accounts_sessions.id'], name=op.f('fk_accounts_refresh_tokens_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_accounts_refresh_tokens'))
    )
    op.create_index('ix_accounts_refresh_tokens_expiry', 'accounts_refresh_tokens', ['expires_at'], unique=False)
    op.create_index('ix_accounts_refresh_tokens_session', 'accounts_refresh_tokens', ['session_id'], unique=False)
    op.create_table('catalogue_products',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('shop_id', sa.Uuid(), nullable=False),
    sa.Column('category_id', sa.Uuid(), nullable=True),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('brand', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=True),
    sa.Column('page', sa.LargeBinary(), nullable=False),
    sa.Column('card', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state IN ('draft', 'on_sale', 'off')", name=op.f('ck_catalogue_products_state')),
    sa.ForeignKeyConstraint(['category_id'], ['catalogue_categories.id'], name=op.f('fk_catalogue_products_category_id')),
    sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_catalogue_products_shop_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_catalogue_products')),
    sa.UniqueConstraint('shop_id', 'external_id', name=op.f('uq_catalogue_products_shop_id_external_id'))
    )
    op.create_index('ix_catalogue_products_category', 'catalogue_products', ['category_id', 'created_at', 'id'], unique=False)
    op.create_index('ix_catalogue_products_shop', 'catalogue_products', ['shop_id', 'created_at', 'id'], unique=False)
    op.create_table('moderation_reports',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('reporter_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decision_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['decision_id'], ['moderation_decisions.id'], name=op.f('fk_moderation_reports_decision_id')),
    sa.ForeignKeyConstraint(['reporter_id'], ['accounts_people.id'], name=op.f('fk_moderation_reports_reporter_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_moderation_reports'))
    )
    op.create_index('ix_moderation_reports_subject', 'moderation_reports', ['kind', 'subject_id'], unique=False, postgresql_where=sa.text('closed_at IS NULL'))
    op.create_index('ix_moderation_reports_waiting', 'moderation_reports', ['at', 'id'], unique=False, postgresql_where=sa.text('closed_at IS NULL'))
    op.create_index('uq_moderation_reports_open', 'moderation_reports', ['reporter_id', 'kind', 'subject_id'], unique=True, postgresql_where=sa.text('closed_at IS NULL'))
    op.create_table('orders_adjustments',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('line_id', sa.Uuid(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('funder', sa.Text(), nullable=False),
    sa.CheckConstraint('amount < 0', name=op.f('ck_orders_adjustments_amount')),
    sa.ForeignKeyConstraint(['line_id'], ['orders_lines.id'], name=op.f('fk_orders_adjustments_line_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orders_adjustments'))
    )
    op.create_index('ix_orders_adjustments_line', 'orders_adjustments', ['line_id'], unique=False)
    op.create_table('shops_staff',
    sa.Column('shop_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.CheckConstraint("role IN ('owner', 'clerk')", name=op.f('ck_shops_staff_role')),
    sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_shops_staff_person_id')),
    sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_shops_staff_shop_id')),
    sa.PrimaryKeyConstraint('shop_id', 'person_id', name=op.f('pk_shops_staff'))
    )
    op.create_index(op.f('ix_shops_staff_person_id'), 'shops_staff', ['person_id'], unique=False)
    op.create_table('catalogue_pictures',
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('upload_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['product_id'], ['catalogue_products.id'], name=op.f('fk_catalogue_pictures_product_id')),
    sa.ForeignKeyConstraint(['upload_id'], ['uploads_uploads.id'], name=op.f('fk_catalogue_pictures_upload_id')),
    sa.PrimaryKeyConstraint('product_id', 'position', name=op.f('pk_catalogue_pictures'))
    )
    op.create_table('catalogue_skus',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('attributes', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('price', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('fragment', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint('price BETWEEN 0 AND 1000000000000', name=op.f('ck_catalogue_skus_price')),
    sa.ForeignKeyConstraint(['product_id'], ['catalogue_products.id'], name=op.f('fk_catalogue_skus_product_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_catalogue_skus'))
    )
    op.create_index('ix_catalogue_skus_product', 'catalogue_skus', ['product_id', 'position'], unique=False)
    op.create_table('catalogue_takedowns',
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['product_id'], ['catalogue_products.id'], name=op.f('fk_catalogue_takedowns_product_id')),
    sa.PrimaryKeyConstraint('product_id', name=op.f('pk_catalogue_takedowns'))
    )
    op.create_table('reviews_reviews',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('line_id', sa.Uuid(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('rating', sa.BigInteger(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('rating BETWEEN 1 AND 5', name=op.f('ck_reviews_reviews_rating')),
    sa.ForeignKeyConstraint(['author_id'], ['accounts_people.id'], name=op.f('fk_reviews_reviews_author_id')),
    sa.ForeignKeyConstraint(['line_id'], ['orders_lines.id'], name=op.f('fk_reviews_reviews_line_id')),
    sa.ForeignKeyConstraint(['product_id'], ['catalogue_products.id'], name=op.f('fk_reviews_reviews_product_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reviews_reviews')),
    sa.UniqueConstraint('line_id', name=op.f('uq_reviews_reviews_line_id'))
    )
    op.create_index(op.f('ix_reviews_reviews_author_id'), 'reviews_reviews', ['author_id'], unique=False)
    op.create_index('ix_reviews_reviews_product', 'reviews_reviews', ['product_id', 'at', 'id'], unique=False)
    op.create_table('links_links',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('sku_id', sa.Uuid(), nullable=True),
    sa.Column('post_id', sa.Uuid(), nullable=True),
    sa.Column('tag_id', sa.Uuid(), nullable=True),
    sa.Column('promoter_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['product_id'], ['catalogue_products.id'], name=op.f('fk_links_links_product_id')),
    sa.ForeignKeyConstraint(['sku_id'], ['catalogue_skus.id'], name=op.f('fk_links_links_sku_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_links_links')),
    sa.UniqueConstraint('code', name=op.f('uq_links_links_code'))
    )
    op.create_index(op.f('ix_links_links_post_id'), 'links_links', ['post_id'], unique=False)
    op.create_index(op.f('ix_links_links_product_id'), 'links_links', ['product_id'], unique=False)
    op.create_index(op.f('ix_links_links_promoter_id'), 'links_links', ['promoter_id'], unique=False)

    op.execute(BALANCED)
    op.execute(UNCHANGED)
    op.execute('CREATE CONSTRAINT TRIGGER ledger_journals_balanced AFTER INSERT ON ledger_journals DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_refuse_unbalanced()')
    op.execute('CREATE TRIGGER ledger_journals_unchanged BEFORE UPDATE OR DELETE ON ledger_journals FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()')
    op.execute('CREATE TRIGGER ledger_journals_not_emptied BEFORE TRUNCATE ON ledger_journals FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()')
    op.execute('CREATE CONSTRAINT TRIGGER ledger_entries_balanced AFTER INSERT ON ledger_entries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_refuse_unbalanced()')
    op.execute('CREATE TRIGGER ledger_entries_unchanged BEFORE UPDATE OR DELETE ON ledger_entries FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()')
    op.execute('CREATE TRIGGER ledger_entries_not_emptied BEFORE TRUNCATE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()')
    categories = sa.table("catalogue_categories", sa.column("id", sa.Uuid()), sa.column("name"), sa.column("position"))
    rows = [{"id": UUID(one), "name": name, "position": place} for place, (one, name) in enumerate(CATEGORIES.items())]
    op.bulk_insert(categories, rows)


def downgrade() -> None:
    op.drop_index(op.f('ix_links_links_promoter_id'), table_name='links_links')
    op.drop_index(op.f('ix_links_links_product_id'), table_name='links_links')
    op.drop_index(op.f('ix_links_links_post_id'), table_name='links_links')
    op.drop_table('links_links')
    op.drop_index('ix_reviews_reviews_product', table_name='reviews_reviews')
    op.drop_index(op.f('ix_reviews_reviews_author_id'), table_name='reviews_reviews')
    op.drop_table('reviews_reviews')
    op.drop_table('catalogue_takedowns')
    op.drop_index('ix_catalogue_skus_product', table_name='catalogue_skus')
    op.drop_table('catalogue_skus')
    op.drop_table('catalogue_pictures')
    op.drop_index(op.f('ix_shops_staff_person_id'), table_name='shops_staff')
    op.drop_table('shops_staff')
    op.drop_index('ix_orders_adjustments_line', table_name='orders_adjustments')
    op.drop_table('orders_adjustments')
    op.drop_index('uq_moderation_reports_open', table_name='moderation_reports', postgresql_where=sa.text('closed_at IS NULL'))
    op.drop_index('ix_moderation_reports_waiting', table_name='moderation_reports', postgresql_where=sa.text('closed_at IS NULL'))
    op.drop_index('ix_moderation_reports_subject', table_name='moderation_reports', postgresql_where=sa.text('closed_at IS NULL'))
    op.drop_table('moderation_reports')
    op.drop_index('ix_catalogue_products_shop', table_name='catalogue_products')
    op.drop_index('ix_catalogue_products_category', table_name='catalogue_products')
    op.drop_table('catalogue_products')
    op.drop_index('ix_accounts_refresh_tokens_session', table_name='accounts_refresh_tokens')
    op.drop_index('ix_accounts_refresh_tokens_expiry', table_name='accounts_refresh_tokens')
    op.drop_table('accounts_refresh_tokens')
    op.drop_index('ix_social_follows_followed', table_name='social_follows')
    op.drop_table('social_follows')
    op.drop_index(op.f('ix_shops_shops_owner_id'), table_name='shops_shops')
    op.drop_table('shops_shops')
    op.drop_index('ix_orders_lines_purchase', table_name='orders_lines')
    op.drop_index('ix_orders_lines_product', table_name='orders_lines')
    op.drop_index('ix_orders_lines_order', table_name='orders_lines')
    op.drop_table('orders_lines')
    op.drop_index('uq_moderation_decisions_in_force', table_name='moderation_decisions', postgresql_where=sa.text("action = 'takedown' AND ended_at IS NULL"))
    op.drop_index('ix_moderation_decisions_subject', table_name='moderation_decisions')
    op.drop_index('ix_moderation_decisions_action_at', table_name='moderation_decisions')
    op.drop_table('moderation_decisions')
    op.drop_table('comments_takedowns')
    op.drop_table('comments_deletions')
    op.drop_table('accounts_suspensions')
    op.drop_index('ix_accounts_sessions_person', table_name='accounts_sessions')
    op.drop_index('ix_accounts_sessions_expiry', table_name='accounts_sessions')
    op.drop_table('accounts_sessions')
    op.drop_table('accounts_roles')
    op.drop_index('ix_uploads_showings_subject', table_name='uploads_showings')
    op.drop_table('uploads_showings')
    op.drop_index('ix_topics_uses_topic', table_name='topics_uses')
    op.drop_table('topics_uses')
    op.drop_table('posts_takedowns')
    op.drop_table('posts_deletions')
    op.drop_index('ix_payments_refunds_due', table_name='payments_refunds', postgresql_where=sa.text("state = 'due'"))
    op.drop_table('payments_refunds')
    op.drop_index('ix_orders_orders_shop', table_name='orders_orders')
    op.drop_index('ix_orders_orders_purchase', table_name='orders_orders')
    op.drop_table('orders_orders')
    op.drop_index('ix_orders_log_purchase', table_name='orders_log')
    op.drop_table('orders_log')
    op.drop_index('ix_ledger_entries_journal', table_name='ledger_entries')
    op.drop_index('ix_ledger_entries_account', table_name='ledger_entries')
    op.drop_table('ledger_entries')
    op.drop_index('ix_comments_comments_post', table_name='comments_comments')
    op.drop_table('comments_comments')
    op.drop_index(op.f('ix_checkout_log_checkout_id'), table_name='checkout_log')
    op.drop_table('checkout_log')
    op.drop_table('checkout_lines')
    op.drop_table('accounts_people')
    op.drop_index('ix_uploads_uploads_owner', table_name='uploads_uploads')
    op.drop_table('uploads_uploads')
    op.drop_table('topics_topics')
    op.drop_index('ix_tags_tags_product', table_name='tags_tags')
    op.drop_table('tags_tags')
    op.drop_index(op.f('ix_recommendations_last_views_counted_at'), table_name='recommendations_last_views')
    op.drop_table('recommendations_last_views')
    op.drop_index(op.f('ix_recommendations_impressions_seen_at'), table_name='recommendations_impressions')
    op.drop_table('recommendations_impressions')
    op.drop_index('ix_reactions_reactions_person_name_at', table_name='reactions_reactions')
    op.drop_table('reactions_reactions')
    op.drop_index('ix_posts_posts_published', table_name='posts_posts', postgresql_where=sa.text("visibility = 'public' AND state = 'published'"))
    op.drop_index('ix_posts_posts_no_card', table_name='posts_posts', postgresql_where=sa.text('card IS NULL'))
    op.drop_index('ix_posts_posts_author_published', table_name='posts_posts', postgresql_where=sa.text("visibility = 'public' AND state = 'published'"))
    op.drop_index('ix_posts_posts_author_created', table_name='posts_posts')
    op.drop_table('posts_posts')
    op.drop_index('ix_posts_log_post', table_name='posts_log')
    op.drop_table('posts_log')
    op.drop_index('ix_payments_payments_payer', table_name='payments_payments')
    op.drop_table('payments_payments')
    op.drop_index('ix_payments_callbacks_payment', table_name='payments_callbacks')
    op.drop_index('ix_payments_callbacks_due', table_name='payments_callbacks', postgresql_where=sa.text('settled_at IS NULL'))
    op.drop_table('payments_callbacks')
    op.drop_index('ix_orders_purchases_due', table_name='orders_purchases', postgresql_where=sa.text("status = 'unpaid'"))
    op.drop_index('ix_orders_purchases_buyer', table_name='orders_purchases')
    op.drop_table('orders_purchases')
    op.drop_table('links_parted_posts')
    op.drop_index('ix_links_clicks_visitor', table_name='links_clicks')
    op.drop_index('ix_links_clicks_link_id', table_name='links_clicks')
    op.drop_table('links_clicks')
    op.drop_table('ledger_journals')
    op.drop_table('ledger_accounts')
    op.drop_table('inventory_stock')
    op.drop_index('ix_inventory_movements_sku', table_name='inventory_movements')
    op.drop_table('inventory_movements')
    op.drop_index('ix_inventory_holds_subject', table_name='inventory_holds')
    op.drop_index(op.f('ix_inventory_holds_sku_id'), table_name='inventory_holds')
    op.drop_table('inventory_holds')
    op.drop_index('ix_feed_snapshots_made', table_name='feed_snapshots')
    op.drop_table('feed_snapshots')
    op.drop_table('demo_planted')
    op.drop_index('ix_checkout_checkouts_due', table_name='checkout_checkouts', postgresql_where=sa.text("state = 'open'"))
    op.drop_index('ix_checkout_checkouts_buyer', table_name='checkout_checkouts', postgresql_where=sa.text("state = 'open'"))
    op.drop_table('checkout_checkouts')
    op.drop_index('ix_catalogue_log_product', table_name='catalogue_log')
    op.drop_table('catalogue_log')
    op.drop_index('ix_catalogue_categories_order', table_name='catalogue_categories')
    op.drop_table('catalogue_categories')
    op.execute('DROP FUNCTION ledger_refuse_unbalanced()')
    op.execute('DROP FUNCTION ledger_refuse_change()')
